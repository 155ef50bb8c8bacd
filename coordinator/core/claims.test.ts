import {
  type Account,
  accounts,
  type ChainId,
  type Checkpoint,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  decode,
  digestText,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  merkleTree,
  open,
  type Signed,
  sign,
} from '@nexapod/specs'
import { beforeEach, describe, expect, test } from 'vitest'
import { keyNamed, ownerNamed, sweepOf } from '../test/cast.ts'
import { codeOf, Rig } from '../test/rig.ts'
import type { Deed } from './event.ts'

type Claim = Deed & { readonly type: 'claim' }
type Moved = Fact & { readonly type: 'transfer' }

/** Two chains of one mesh: on the first somebody has something. */
let [there, here] = [new Rig(), new Rig({}, { number: 1 })]

beforeEach(() => {
  there = new Rig()
  here = new Rig({}, { number: 1 })
  for (const name of ['kim', 'ann']) there.join(name)
  there.publish(sweepOf(4))
  there.work({ kim: 'right', ann: 'right' })
  there.pass(70_000)
})

describe('a claim', () => {
  test('lets credit arrive that left another chain, once, whoever brings it', () => {
    const claim = departed(700)
    const bridge = accounts.bridge(there.chain, here.chain)
    expect(here.ask(claim)).toEqual({ type: 'done', seq: here.size - 1 })
    expect([here.credit('kim'), here.balance(bridge)]).toEqual([700, -700])
    expect(there.balance(bridge)).toBe(700)
    const { size } = here
    expect(here.ask(claim)).toEqual({ type: 'done', seq: size - 1 })
    // With another checkpoint it is the same departure.
    there.pass(1000)
    expect(here.ask(proofOf(claim.seq))).toEqual({ type: 'done', seq: size - 1 })
    expect([here.size, here.credit('kim')]).toEqual([size, 700])
    here.restart()
    expect(here.ask(claim)).toEqual({ type: 'done', seq: size - 1 })
  })

  test('brings what can be spent here, and sent back', () => {
    here.ask(departed(700))
    const back = { type: 'depart' as const, to: there.chain, nonce: new Uint8Array(16) }
    expect(here.act('kim', { ...back, micro: 701 })).toBe('credit.short')
    expect(here.act('kim', { ...back, micro: 700 })).toBe('done')
    const had = there.credit('kim')
    const returned = proofOf(here.size - 1, here)
    expect(codeOf(there.ask(returned))).toBe('done')
    expect([there.credit('kim') - had, here.credit('kim')]).toEqual([700, 0])
  })

  test.each<[string, string, (claim: Claim) => Partial<Claim>]>([
    ['with another path', 'proof.false', () => ({ path: [new Uint8Array(32)] })],
    ['of another entry', 'proof.false', ({ seq }) => ({ seq: seq - 1 })],
    ['of no entry', 'document.type', () => ({ entry: new Uint8Array(3) })],
    ['of an entry that lets nothing depart', 'proof.false', () => nothing()],
    ['of more than departed', 'proof.false', ({ entry }) => ({ entry: dearer(entry) })],
    [
      'that nobody signed',
      'signature.false',
      ({ checkpoint }) => ({ checkpoint: torn(checkpoint) }),
    ],
    [
      'signed by a stranger',
      'chain.checkpoint',
      ({ checkpoint }) => ({ checkpoint: signedBy('eve', checkpoint) }),
    ],
    [
      'with more cosignatures than there are members',
      'chain.checkpoint',
      ({ checkpoint }) => ({ cosignatures: [cosigned(checkpoint), cosigned(checkpoint)] }),
    ],
    [
      'of its own chain',
      'proof.false',
      () => ({ ...proofOf(here.size - 1, here), to: here.chain }),
    ],
    ['for another chain', 'request.audience', () => ({ to: there.chain })],
  ])('%s is refused with %s, and changes nothing', (_, code, change) => {
    const claim = departed(700)
    const { size } = here
    expect(codeOf(here.ask({ ...claim, ...change(claim) }))).toBe(code)
    expect(here.size).toBe(size)
    expect(codeOf(here.ask(claim))).toBe('done')
  })

  test.each(['ledger.forked', 'ledger.sealed'] as const)(
    'of an epoch that is over is refused with %s; what arrived before is here',
    (why) => {
      const [first, second] = [departed(700), departed(50, 1)]
      expect(codeOf(here.ask(first))).toBe('done')
      here.step({ type: 'over', chain: there.chain, epoch: 0, why })
      const { size } = here
      expect(codeOf(here.ask(second))).toBe(why)
      expect(codeOf(here.ask(first))).toBe('done')
      expect([here.size, here.credit('kim')]).toEqual([size, 700])
      // A later epoch has all of it.
      const later = { ...second, checkpoint: ofEpoch(1, second.checkpoint) }
      expect(codeOf(here.ask(later))).toBe('done')
    },
  )

  test('is refused if its owner did not sign it, although a quorum cosigned the entry', () => {
    const forged = rewritten(departed(700).entry, 0, (fact) => {
      const { request } = fact
      const signatures = [new Uint8Array(64).fill(1)]
      return request === undefined ? fact : { ...fact, request: { ...request, signatures } }
    })
    const root = digestText(leafHash(forged))
    const alone = signedBy('kim', there.checkpoint(), { size: 1, root, head: root })
    const { size } = here
    const claim = {
      type: 'claim' as const,
      to: here.chain,
      seq: 0,
      entry: forged,
      path: [],
      cosignatures: [],
    }
    expect(codeOf(here.ask({ ...claim, checkpoint: alone }))).toBe('signature.false')
    expect(here.size).toBe(size)
  })

  test('is refused where the account of its owner is full', () => {
    const { state } = here
    const purse = accounts.owner(ownerNamed('kim'))
    const { balances, tables } = state.ledger.state
    balances.set(purse, { micro: limits.microMax - 1 })
    balances.set(accounts.mint, { micro: 1 - limits.microMax } as { micro: number })
    tables.keep()
    expect(codeOf(here.ask(departed(700)))).toBe('proof.false')
    expect(here.balance(purse as Account)).toBe(limits.microMax - 1)
  })
})

/** Kim lets credit depart, and has the proof of it. */
function departed(micro: number, number = 0): Claim {
  const nonce = new Uint8Array(16).fill(number)
  expect(there.act('kim', { type: 'depart', to: here.chain, micro, nonce })).toBe('done')
  return proofOf(there.size - 1)
}

function proofOf(seq: number, of = there): Claim {
  const { paths } = merkleTree(of.entries.map(leafHash))
  return {
    type: 'claim',
    to: of === there ? here.chain : there.chain,
    seq,
    entry: of.entries[seq] as Uint8Array,
    path: [...(paths[seq] ?? [])],
    checkpoint: of.checkpoint(),
    cosignatures: [],
  }
}

function nothing(): Claim {
  return proofOf(0)
}

function dearer(bytes: Uint8Array): Uint8Array {
  return rewritten(bytes, there.size - 1, (fact) => ({ ...fact, micro: fact.micro + 1 }))
}

/** The entry with another number, and its transfers as they are changed. */
function rewritten(bytes: Uint8Array, seq: number, change: (fact: Moved) => Fact): Uint8Array {
  const read = decode(entrySchema, bytes)
  if (!read.ok) throw new Error('no entry')
  const facts = read.value.facts.map((fact) => (fact.type === 'transfer' ? change(fact) : fact))
  return encode(entrySchema, { ...read.value, seq, facts })
}

function torn(checkpoint: Signed<Checkpoint>): Signed<Checkpoint> {
  return { ...checkpoint, body: checkpoint.body.with(-1, 9) }
}

/** A checkpoint as somebody else signs it, who changes it. */
function signedBy(
  name: string,
  checkpoint: Signed<Checkpoint>,
  change: Partial<Checkpoint> = {},
): Signed<Checkpoint> {
  const signer = keyNamed(name)
  const says = open(checkpointDocument, checkpoint)
  if (!says.ok) throw new Error('no checkpoint')
  const coordinator = signer.id as Checkpoint['coordinator']
  return sign(checkpointDocument, { ...says.value, coordinator, ...change }, signer)
}

/** The same of an epoch, by who writes it. */
function ofEpoch(epoch: number, checkpoint: Signed<Checkpoint>): Signed<Checkpoint> {
  const says = open(checkpointDocument, checkpoint)
  if (!says.ok) throw new Error('no checkpoint')
  return sign(checkpointDocument, { ...says.value, epoch }, keyNamed('kim'))
}

function cosigned(checkpoint: Signed<Checkpoint>) {
  const { chain, size } = there
  const witness = keyNamed('kim').id as Checkpoint['coordinator']
  const id = checkpointId(checkpoint)
  const says = { v: 1 as const, chain: chain as ChainId, epoch: 0, size, checkpoint: id, witness }
  return sign(cosignatureDocument, { ...says, time: 1 }, keyNamed('kim'))
}
