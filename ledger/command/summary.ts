import { type Answer, accept } from '@nexapod/specs'
import { isQuorum } from '../chain/governance.ts'
import type { Governance, Stand } from '../chain/stand.ts'
import { stateRoot } from '../fold/learn.ts'
import { found } from '../store/folder.ts'
import type { Store } from '../store/index.ts'
import type { Given } from './command.ts'
import { count, counted, credits, instant, rows } from './figures.ts'
import { rosterOf } from './roster.ts'
import { print, printJson, type Shell } from './shell.ts'
import { type SignedHere, signedHere, votes } from './signed-here.ts'
import { type Tally, tallied } from './tally.ts'

/** How many owners are listed. */
const ownersListed = 5

/** Says where a ledger stands, and what its entries add up to. */
export async function summarize(
  store: Store,
  directory: string,
  given: Given,
  shell: Shell,
): Promise<Answer<undefined>> {
  const tally = await tallied(store, shell)
  if (!tally.ok) return tally
  const signed = await signedHere(store)
  if (!signed.ok) return signed
  const { stand } = tally.value.ledger.chain
  const there = await found(directory)
  const damage = there.ok ? undefined : there.refusal.detail
  const all = { stand, damage, store, tally: tally.value, latest: signed.value[0] }
  if (given.has('json')) await printJson(shell, jsonOf(all))
  else await print(shell, rows(textOf(all)))
  return accept(undefined)
}

interface Summary {
  readonly store: Store
  readonly tally: Tally
  readonly stand: Stand | undefined
  readonly latest: SignedHere | undefined
  readonly damage: string | undefined
}

function jsonOf({ store, tally, stand, latest, damage }: Summary) {
  const { chain, epoch, size, head, root, time } = store.tip
  const { ledger, facts, owners, meshName, givenMicro, heldMicro } = tally
  return {
    ...{ chain, epoch, coordinator: stand?.coordinator, size, time, head, root },
    state: stateRoot(ledger.state),
    mesh: meshName,
    roster: stand && rosterOf(stand.governance),
    checkpoint: latest && stand && checkpointOf(latest, stand.governance),
    credit: {
      givenMicro,
      heldMicro,
      owners: owners.length,
      richest: owners.slice(0, ownersListed),
    },
    facts: Object.fromEntries(facts),
    damage,
  }
}

function checkpointOf(latest: SignedHere, governance: Governance) {
  const { size, time } = latest.opened
  const { signed, missing } = votes(governance, latest)
  const cosignatures = latest.cosignatures.length
  return { size, time, cosignatures, signed, missing, quorum: isQuorum(governance, latest.signers) }
}

function textOf({ store, tally, stand, latest, damage }: Summary): [string, string][] {
  const { chain, epoch, size, head, root, time } = store.tip
  if (stand === undefined) return [['entries', 'none yet']]
  const { governance, coordinator } = stand
  const { ledger, meshName, facts } = tally
  return [
    ...(damage === undefined ? [] : [['damaged', damage] as [string, string]]),
    ['chain', chain],
    ['mesh', `${meshName}, ${governance.mesh}`],
    ['epoch', `${count(epoch)}, written by ${coordinator}`],
    ['entries', `${count(size)}, the last of ${instant(time)}`],
    ['head', head],
    ['root', root],
    ['state root', stateRoot(ledger.state)],
    ...checkpointText(latest, governance),
    ...rosterText(governance, latest),
    ...creditText(tally),
    ...factsText(facts),
  ]
}

function checkpointText(latest: SignedHere | undefined, governance: Governance) {
  if (latest === undefined) return [['checkpoint', 'none was signed here']] as [string, string][]
  const { opened, signers, cosignatures } = latest
  const { signed } = votes(governance, latest)
  const { members, quorum } = governance
  const enough = isQuorum(governance, signers) ? 'a quorum' : `no quorum, which is ${quorum}`
  const all = `with its author ${signed.length} of ${members.length} signed, ${enough}`
  return [
    ['checkpoint', `of ${counted(opened.size, 'entry', 'entries')}, ${instant(opened.time)}`],
    ['cosigned', `${counted(cosignatures.length, 'cosignature')}; ${all}`],
  ] as [string, string][]
}

function rosterText(governance: Governance, latest: SignedHere | undefined): [string, string][] {
  const signed = latest === undefined ? [] : votes(governance, latest).signed
  return governance.members.map(({ coordinator, addresses }, i) => {
    const mark = signed.includes(coordinator) ? 'signed it' : ''
    return [i === 0 ? 'roster' : '', [coordinator, ...addresses, mark].filter(Boolean).join('  ')]
  })
}

function creditText({ givenMicro, heldMicro, owners }: Tally): [string, string][] {
  const listed = owners.slice(0, ownersListed)
  const width = Math.max(0, ...listed.map(({ micro }) => credits(micro).length))
  const more = owners.length - listed.length
  return [
    ['credit', `${credits(givenMicro)} earned, of which ${credits(heldMicro)} not final yet`],
    ['owners', `${counted(owners.length, 'account')} with credit${listed.length > 0 ? ':' : ''}`],
    ...listed.map(({ account, micro }): [string, string] => {
      return ['', `${credits(micro).padStart(width)}  ${account}`]
    }),
    ...(more > 0 ? [['', `and ${count(more)} more`] as [string, string]] : []),
  ]
}

function factsText(facts: Tally['facts']): [string, string][] {
  const width = Math.max(...facts.map(([, many]) => count(many).length))
  return facts.map(([type, many], i) => {
    return [i === 0 ? 'facts' : '', `${count(many).padStart(width)}  ${type}`]
  })
}
