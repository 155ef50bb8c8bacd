import { writeFile } from 'node:fs/promises'
import { ratesFrom } from '@nexapod/coordinator/shell'
import type { Governance } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type CoordinatorId,
  dialled,
  fromJson,
  type Invitation,
  leastQuorum,
  rateCardDocument,
  refuse,
  rosterDocument,
} from '@nexapod/specs'
import { print } from '../desk.ts'
import type { Governed } from '../sdk/governing.ts'
import { described, type Proposal, proposalText } from '../sdk/proposal.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import type { Had } from './joined.ts'
import { governs } from './roster.ts'
import { coordinatorKey } from './signing.ts'

/** Writes a change to a file, for its signers. */
export const propose: Verb = async (given, desk) => {
  const { words, options, form } = given
  const [file = ''] = words
  const wanted = wantedBy(given)
  if ('trouble' in wanted) return wanted.trouble
  const had = await governs(given, desk.signal)
  if ('trouble' in had) return had.trouble
  const { governed, hints } = had.value
  const { governance } = governed.line
  const signers = await signersOf(given, governed, wanted.value.remove)
  if ('trouble' in signers) return signers.trouble
  const made = proposed(governance, wanted.value, signers.value, { given, hints })
  if (!made.ok) return troubleOf('There can be no such change.', made.refusal, help)
  const written = await writeFile(file, proposalText(made.value), { flag: 'wx' }).catch(
    (cause: Error) => cause,
  )
  if (written instanceof Error) {
    const next = 'name another file'
    return { exit: exits.denied, what: 'Nothing was proposed.', why: written.message, next }
  }
  const { says, type } = made.value
  const lines = [
    ...described(governance, made.value),
    `signed by all of these, in any order: ${says.signers.join(', ')}`,
  ]
  const about = { file, type, revision: says.revision, signers: says.signers }
  await print(desk, form, about, lines)
  const dir = typeof options.dir === 'string' ? ` --dir ${options.dir}` : ''
  desk.stderr.write(`  next  nexapod coordinator roster sign ${file}${dir}\n`)
  return undefined
}

const help = 'nexapod coordinator roster propose --help'

interface Wanted {
  readonly add: ReadonlyMap<string, readonly string[]>
  readonly remove: readonly string[]
  readonly rates: string | undefined
}

function wantedBy({ options }: Given): Had<Wanted> {
  const {
    add = [],
    remove = [],
    rates,
    quorum,
  } = options as {
    readonly add?: readonly string[]
    readonly remove?: readonly string[]
    readonly rates?: string
    readonly quorum?: string
  }
  const isRoster = add.length + remove.length > 0 || quorum !== undefined
  if (isRoster === (rates !== undefined)) {
    const both = 'a change is of the roster or of the rates: make two, one after the other'
    const why = isRoster ? both : 'there is no --add, --remove, --quorum or --rates'
    return mistyped('Nothing was proposed.', why)
  }
  const added = new Map<string, string[]>()
  for (const one of add) {
    const at = one.indexOf('@')
    const [key, address] = [one.slice(0, at), one.slice(at + 1)]
    if (at < 1 || !address.startsWith('/')) {
      return mistyped(`${one} is no member.`, 'it is KEY@/dns4/example.org/tcp/4001')
    }
    added.set(key, [...(added.get(key) ?? []), address])
  }
  return { value: { add: added, remove, rates } }
}

/** The next change, if there can be such a one. */
function proposed(
  governance: Governance,
  { add, remove, rates }: Wanted,
  signers: readonly CoordinatorId[],
  { given: { options }, hints }: { given: Given; hints: Pick<Invitation, 'members'> },
): Answer<Proposal> {
  const { mesh, revision, prev } = governance
  const next = {
    ...{ v: 1, mesh, revision: revision + 1, prev },
    ...{ issued: Date.now(), signers: [...signers].sort() },
  }
  const signatures = new Map<CoordinatorId, Uint8Array>()
  if (rates !== undefined) {
    const card = ratesFrom(rates, governance.rates)
    if (!card.ok) return card
    const says = fromJson(rateCardDocument.schema, { ...next, rates: card.value })
    return says.ok ? accept({ type: 'rates', says: says.value, signatures }) : says
  }
  const stays = governance.members.filter(({ coordinator }) => {
    return !remove.includes(coordinator) && !add.has(coordinator)
  })
  const stranger = remove.find((key) => !governance.members.some((m) => m.coordinator === key))
  if (stranger !== undefined) return refuse('chain.roster', { detail: `${stranger} is no member` })
  // A mesh of one was founded without addresses: whoever comes needs one to dial.
  const there = stays.map((one) => {
    return one.addresses.length > 0 ? one : (dialled([one], hints)[0] ?? one)
  })
  const come = [...add].map(([coordinator, addresses]) => ({ coordinator, addresses }))
  const members = [...there, ...come].sort((a, b) => (a.coordinator < b.coordinator ? -1 : 1))
  const quorum = Number(options.quorum ?? leastQuorum(members.length))
  const says = fromJson(rosterDocument.schema, { ...next, members, quorum })
  return says.ok ? accept({ type: 'roster', says: says.value, signatures }) : says
}

/** Who is to sign: those that are named, or as many as are needed of those that answer. */
async function signersOf(
  given: Given,
  { line, told }: Governed,
  leaving: readonly string[],
): Promise<Had<readonly CoordinatorId[]>> {
  const { members, quorum } = line.governance
  const keys = members.map(({ coordinator }) => coordinator)
  const named = given.options.signer as readonly string[] | undefined
  if (named !== undefined) {
    const signers = keys.filter((key) => named.includes(key))
    if (signers.length === named.length && signers.length >= quorum) return { value: signers }
    const stranger = named.find((key) => !keys.some((one) => one === key))
    const few = `${signers.length} are named, and ${quorum} must sign`
    const why = stranger === undefined ? few : `${stranger} is not of the roster`
    return mistyped('Those cannot sign it.', why)
  }
  const own = await coordinatorKey(given)
  const rank = (key: CoordinatorId) => {
    if ('value' in own && own.value.id === key) return 0
    return leaving.includes(key) ? 2 : 1
  }
  const there = told.filter(({ refusal }) => refusal === undefined)
  const ready = keys
    .filter((key) => rank(key) === 0 || there.some(({ coordinator }) => coordinator === key))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, quorum)
  if (ready.length >= quorum) return { value: ready }
  const why = `${ready.length} of the members answer, and ${quorum} must sign`
  const next = 'name them all the same: --signer KEY KEY'
  return { trouble: { exit: exits.error, what: 'Nobody can sign it now.', why, next } }
}

function mistyped(what: string, why: string): { readonly trouble: Trouble } {
  return { trouble: { exit: exits.usage, what, why, next: help } }
}
