import {
  type Account,
  accounts,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  type Digest,
  digestText,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  type NodeId,
  type OwnerId,
  type Purpose,
  requestDocument,
  resultId,
  sha256,
  sign,
  transferId,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import {
  accountOf,
  delegationFact,
  entryOf,
  governance,
  chain as here,
  intervalMicro,
  jobFact,
  member,
  outcomeOf,
  peer,
  receiptOf,
  request,
  transfer,
  unitFacts,
} from '../test/world.ts'
import { learn, stateRoot } from './learn.ts'
import { balanceOf, emptyState, ownerOf, type State } from './state.ts'

const [ada, ben, eve, fay] = [peer(1), peer(2), peer(3), peer(4)]
const fences: Fact = { type: 'fences', below: 1000 }

/** A state that has learnt some facts, one entry each. */
function learnt(facts: readonly Fact[], time = 10): State {
  const state = emptyState()
  for (const fact of facts) take(state, [fact], time)
  return state
}

function take(state: State, facts: readonly Fact[], time = 10): void {
  expect(learn(state, entryOf(facts, time), governance)).toMatchObject({ ok: true })
}

/** Learning these is refused with this rule, and leaves no trace. */
function refused(state: State, facts: readonly Fact[], rule: string, time = 10): void {
  const before = stateRoot(state)
  expect(learn(state, entryOf(facts, time), governance)).toMatchObject({
    ok: false,
    refusal: { detail: expect.stringContaining(rule) },
  })
  expect(stateRoot(state)).toBe(before)
}

const volunteer = jobFact(ada, 1, 2)
const unit = unitFacts(volunteer.id, 0, [eve, fay], 5_000_000_000)

describe('work of volunteers', () => {
  const admitted = [fences, volunteer.fact]
  const decided = [...admitted, ...unit.sealed, unit.verdict]
  const [first, second] = unit.earnings as [(typeof unit.earnings)[0], (typeof unit.earnings)[0]]
  const mine = accountOf(eve.id)

  test('earns what the fuel is worth, held until audits are over, then paid', () => {
    const state = learnt([...decided, first.earn, second.earn])
    expect(balanceOf(state, accounts.mint)).toBe(-2 * unit.micro)
    refused(state, [first.settle(mine)], 'when audits are over', 500)
    take(state, [first.settle(mine)], 2000)
    expect(balanceOf(state, mine)).toBe(5000)
    expect(balanceOf(state, accounts.hold(volunteer.id, 0, 0))).toBe(0)
  })

  test('is admitted once, and a nonce is used once', () => {
    const state = learnt(admitted)
    refused(state, [volunteer.fact], 'admitted once')
    refused(state, [jobFact(ada, 1, 7).fact], 'nonce once')
    refused(state, [jobFact(ben, 2, 1).fact], 'before it expires', 2_000_000_000)
  })

  test('takes no receipt without a reserved fence, twice, or after the verdict', () => {
    const [sealed] = unit.sealed as [Fact]
    refused(learnt([volunteer.fact]), [sealed], 'block that was reserved')
    refused(learnt([...admitted, sealed]), [sealed], 'one receipt')
    const late = receiptOf(ben, volunteer.id, 0, 5, resultId(outcomeOf(volunteer.id, 0, 1))).fact
    refused(learnt(decided), [late], 'decided takes no receipts')
  })

  test('is decided by receipts that were sealed, by distinct owners, once', () => {
    refused(learnt(admitted), [unit.verdict], 'sealed before it is opened')
    refused(learnt(decided), [unit.verdict], 'decided once')
    const ours = delegationFact(ben, eve, 5, 1000)
    const others = delegationFact(ben, fay, 5, 1000)
    const state = learnt([...admitted, ours, others, ...unit.sealed])
    refused(state, [unit.verdict], 'distinct owners')
  })

  test('earns for those who agreed, the price, once, even after it was settled', () => {
    const state = learnt(decided)
    const purpose: Purpose = { type: 'earn', job: volunteer.id, unit: 0, slot: 0 }
    const hold = accounts.hold(volunteer.id, 0, 0)
    refused(state, [transfer(purpose, accounts.mint, hold, 5001)], 'is the price')
    const third: Purpose = { ...purpose, slot: 2 }
    const other = accounts.hold(volunteer.id, 0, 2)
    refused(state, [transfer(third, accounts.mint, other, 5000)], 'who earns agreed')
    take(state, [first.earn])
    refused(state, [first.earn], 'earns once')
    take(state, [first.settle(mine)], 2000)
    refused(state, [first.settle(mine)], 'settled once', 2000)
    refused(state, [first.earn], 'earns once', 2000)
  })

  test('is paid to nobody else, and not back while it is right', () => {
    const state = learnt([...decided, first.earn])
    refused(state, [first.settle(accountOf(ben.id))], 'goes to its owner', 2000)
    refused(state, [first.settle(accounts.mint)], 'goes to its owner', 2000)
  })

  test('that a referee finds wrong goes back, and earns no more', () => {
    const wrong = resultId(outcomeOf(volunteer.id, 0, 1, 7))
    const referee = receiptOf(ben, volunteer.id, 0, 9, wrong)
    const audit: Fact = {
      type: 'audit',
      job: volunteer.id,
      unit: 0,
      receipt: referee.signed,
      agrees: false,
    }
    const sealed = [...admitted, ...unit.sealed, referee.fact]
    const state = learnt([...sealed, unit.verdict, first.earn, audit])
    refused(state, [second.earn], 'found wrong')
    refused(state, [first.settle(mine)], 'goes back', 2000)
    take(state, [first.settle(accounts.mint)])
    expect(balanceOf(state, accounts.mint)).toBe(0)
    expect(state.reputations.get(`${eve.id}/wasm`)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
  })

  test('ends when all is decided and settled, and its units are forgotten', () => {
    const state = learnt([...decided, first.earn])
    const end: Fact = { type: 'end', job: volunteer.id, as: 'final' }
    refused(state, [end], 'all its units are decided')
    take(state, [
      { type: 'verdict', job: volunteer.id, unit: 1, decided: { type: 'poisoned' }, receipts: [] },
    ])
    refused(state, [end], 'is settled')
    take(state, [first.settle(mine)], 2000)
    refused(state, [{ ...end, as: 'dead' }], 'without any result')
    take(state, [end])
    expect(state.units.get(`${volunteer.id}/0`)).toBeUndefined()
    refused(state, [end], 'takes no more facts')
    refused(state, [first.earn], 'takes no more facts')
  })
})

describe('owners', () => {
  test('have a node from the delegation on, until it expires or is revoked', () => {
    const state = learnt([delegationFact(ben, eve, 5, 100)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ben.id)
    expect(ownerOf(state, eve.id as NodeId, 100)).toBe(eve.id)
    refused(state, [delegationFact(ada, eve, 5, 1000)], 'later than the one before')
    refused(state, [delegationFact(ada, eve, 6, 9)], 'before it expires')
    take(state, [delegationFact(ada, eve, 6, 1000)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ada.id)
  })
})

describe('funded containers', () => {
  const { fact, id } = jobFact(ada, 3, 1, 'docker', 5000)
  const escrow = accounts.escrow(id)
  const purse = accountOf(ada.id)
  const hold = accounts.hold(id, 0, 0)
  const fund = transfer({ type: 'fund', job: id }, purse, escrow, 5000)
  const interval = (n: number): { purpose: Purpose; fact: Fact } => {
    const purpose: Purpose = {
      type: 'meter',
      job: id,
      unit: 0,
      slot: 0,
      epoch: 0,
      fence: 1,
      interval: n,
    }
    return { purpose, fact: transfer(purpose, escrow, hold, intervalMicro(n)) }
  }

  /** Ada has earned 5000 by her own node before. */
  function funded(): State {
    const own = jobFact(ben, 9, 1)
    const { sealed, verdict, earnings } = unitFacts(own.id, 0, [ada], 5_000_000_000)
    const [earning] = earnings
    if (earning === undefined) throw new Error('nothing was earned')
    const state = learnt([fences, own.fact, ...sealed, verdict, earning.earn])
    take(state, [earning.settle(purse)], 2000)
    return state
  }

  test('are funded by their budget, from the publisher, once', () => {
    const state = funded()
    take(state, [fact])
    const less = transfer({ type: 'fund', job: id }, purse, escrow, 4999)
    refused(state, [less], 'by its budget')
    refused(
      state,
      [transfer({ type: 'fund', job: id }, accountOf(ben.id), escrow, 5000)],
      'publisher',
    )
    take(state, [fund])
    refused(state, [fund], 'funded once')
  })

  test('cannot be funded with what is not there', () => {
    refused(learnt([fact]), [fund], 'holds less')
  })

  test('are metered while they run, and the rest is refunded at the end', () => {
    const state = funded()
    take(state, [fact, fund])
    const [zero, one] = [interval(0), interval(1)]
    take(state, [zero.fact, one.fact])
    refused(state, [one.fact], 'metered once')
    const outcome = outcomeOf(id, 0, undefined)
    const receipt = receiptOf(eve, id, 0, 0, resultId(outcome))
    const verdict: Fact = {
      type: 'verdict',
      job: id,
      unit: 0,
      decided: { type: 'accepted', outcome, agreeing: [0] },
      receipts: [receipt.signed],
    }
    refused(state, [settled(zero.purpose, accountOf(eve.id), 400)], 'what is open', 9000)
    take(state, [receipt.fact, verdict])
    refused(state, [interval(2).fact], 'until it is decided')
    const rest = transfer({ type: 'refund', job: id }, escrow, purse, 4200)
    refused(state, [rest], 'settled first', 9000)
    take(state, [settled(zero.purpose, accountOf(eve.id), 400)], 9000)
    take(state, [settled(one.purpose, accountOf(eve.id), 400)], 9000)
    refused(state, [{ type: 'end', job: id, as: 'final' }], 'nothing in escrow')
    take(state, [rest, { type: 'end', job: id, as: 'final' }])
    expect(balanceOf(state, purse)).toBe(4200)
    expect(balanceOf(state, accountOf(eve.id))).toBe(800)
  })

  test('that are cancelled give back what was metered and not decided', () => {
    const state = funded()
    take(state, [fact, fund, interval(0).fact])
    const by = (who: typeof ada) => request(who, 1, { type: 'cancel', job: id })
    refused(state, [{ type: 'cancel', request: by(ben) }], 'its own jobs')
    take(state, [{ type: 'cancel', request: by(ada) }])
    refused(state, [{ type: 'cancel', request: by(ada) }], 'counter is used once')
    take(state, [settled(interval(0).purpose, escrow, 400)])
    take(state, [transfer({ type: 'refund', job: id }, escrow, purse, 5000)])
    take(state, [{ type: 'end', job: id, as: 'cancelled' }])
    expect(balanceOf(state, purse)).toBe(5000)
  })

  function settled(purpose: Purpose, to: Account, micro: number): Fact {
    return transfer({ type: 'settle', of: transferId(purpose) }, hold, to, micro)
  }
})

test('an entry whose last fact breaks a rule leaves no trace of its first', () => {
  const state = learnt([fences])
  refused(state, [volunteer.fact, volunteer.fact], 'admitted once')
  take(state, [volunteer.fact])
})

describe('claims', () => {
  const elsewhere = 'e'.repeat(64) as ChainId
  const purse = accountOf(eve.id)
  const nonce = new Uint8Array(16)

  /** What another chain wrote when Eve asked it to let credit depart, or did not ask. */
  function claim(signer: typeof eve, micro: number, asked = micro): Fact {
    const purpose: Purpose = { type: 'depart', owner: eve.id as string as OwnerId, to: here, nonce }
    const act = { type: 'depart' as const, to: here, micro: asked, nonce }
    const word = sign(
      requestDocument,
      {
        v: 1,
        from: signer.id,
        to: elsewhere,
        epoch: 0,
        counter: 1,
        issued: 1,
        expires: 60_000,
        act,
      },
      signer,
    )
    const departed = transfer(purpose, purse, accounts.bridge(elsewhere, here), micro, word)
    const entry = encode(entrySchema, { ...entryOf([departed], 10), chain: elsewhere, seq: 0 })
    const leaf = leafHash(entry)
    const checkpoint: Checkpoint = {
      v: 1,
      chain: elsewhere,
      epoch: 0,
      size: 1,
      coordinator: member.id as CoordinatorId,
      root: digestText(leaf),
      head: digestText(leaf),
      state: '0'.repeat(64) as Digest,
      time: 10,
    }
    const signed = sign(checkpointDocument, checkpoint, member)
    return { type: 'claim', seq: 0, entry, path: [], checkpoint: signed, cosignatures: [] }
  }

  function arrival(micro: number): Fact {
    const purpose: Purpose = { type: 'depart', owner: eve.id as string as OwnerId, to: here, nonce }
    const departed = transferId(purpose)
    const arrive: Purpose = { type: 'arrive', from: elsewhere, departed }
    return transfer(arrive, accounts.bridge(elsewhere, here), purse, micro)
  }

  test('bring what an owner asked another chain to send, once', () => {
    const state = learnt([claim(eve, 700)])
    refused(state, [arrival(701)], 'as it departed')
    take(state, [arrival(700)])
    expect(balanceOf(state, purse)).toBe(700)
    refused(state, [arrival(700)], 'arrives once')
    refused(state, [claim(eve, 700)], 'claimed once')
  })

  test('bring nothing that the owner did not ask for, or not so', () => {
    refused(emptyState(), [claim(ben, 700)], 'an owner asks for it')
    refused(emptyState(), [claim(eve, 700, 699)], 'as it was asked for')
    refused(emptyState(), [arrival(700)], 'was claimed')
  })
})

test('each seed of the draw is shown when the next begins, but by a successor', () => {
  const seed = new Uint8Array(32).fill(5)
  const next = digestText<Digest>(sha256(seed))
  const first: Fact = { type: 'draw', next }
  const state = learnt([first])
  refused(state, [first], 'each seed is shown')
  refused(state, [{ ...first, shown: new Uint8Array(32) }], 'that committed')
  take(state, [{ ...first, shown: seed }])
  const later = { ...entryOf([first], 10), epoch: 1 }
  expect(learn(state, later, governance)).toMatchObject({ ok: true })
})

test('nothing is issued in the future', () => {
  refused(emptyState(), [delegationFact(ben, eve, 100_000, 200_000)], 'in the future')
})
