import {
  type Account,
  accounts,
  type Fact,
  type NodeId,
  type OwnerId,
  type Purpose,
  resultId,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import {
  accepted,
  accountOf,
  chain,
  intervalMicro,
  jobFact,
  outcomeOf,
  peer,
  receiptOf,
  request,
  settleOf,
  transfer,
  unitFacts,
} from '../test/world.ts'
import { balanceOf, type State } from './state.ts'

const [ada, ben, eve] = [peer(1), peer(2), peer(3)]
const purse = accountOf(ada.id)
const fences: Fact = { type: 'fences', below: 1000 }

/** Ada has earned 5000 by her own node before. */
function rich(): State {
  const own = jobFact(ben, 9, 1)
  const { sealed, decided, earnings } = unitFacts(own.id, 0, [ada], 5_000_000_000)
  const state = learnt([fences, own.fact, sealed, decided])
  take(state, [earnings[0]?.settle(purse) as Fact], 2000)
  return state
}

describe('funded containers', () => {
  const { fact, id } = jobFact(ada, 3, 1, 'docker', 5000)
  const escrow = accounts.escrow(id)
  const hold = accounts.hold(id, 0, 0)
  const fund = transfer({ type: 'fund', job: id }, purse, escrow, 5000)
  const interval = (n: number, fence = 1): { purpose: Purpose; fact: Fact } => {
    const execution = { job: id, unit: 0, slot: 0, epoch: 0, fence }
    const purpose: Purpose = { type: 'meter', ...execution, interval: n }
    return { purpose, fact: transfer(purpose, escrow, hold, intervalMicro(n)) }
  }
  const [zero, one] = [interval(0), interval(1)]
  const outcome = outcomeOf(id, 0, undefined)
  const refundOf = (micro: number) => transfer({ type: 'refund', job: id }, escrow, purse, micro)

  function verdictOf(fence: number): { sealed: Fact; verdict: Fact } {
    const receipt = receiptOf(eve, id, 0, 0, resultId(outcome), fence)
    const verdict: Fact = {
      type: 'verdict',
      job: id,
      unit: 0,
      decided: accepted(outcome, [0]),
      receipts: [receipt.signed],
    }
    return { sealed: receipt.fact, verdict }
  }

  test('are funded by their budget, from the publisher, once, when they are admitted', () => {
    const state = rich()
    const less = transfer({ type: 'fund', job: id }, purse, escrow, 4999)
    const foreign = transfer({ type: 'fund', job: id }, accountOf(ben.id), escrow, 5000)
    refused(state, [fact], 'funded in the same entry')
    refused(state, [fact, less], 'by its budget')
    refused(state, [fact, foreign], 'publisher')
    refused(state, [fact, fund, fund], 'once')
    take(state, [fact, fund])
    refused(state, [fund], 'once')
  })

  test('cannot be funded with what is not there', () => {
    refused(learnt([fences]), [fact, fund], 'holds what leaves it')
  })

  test('have the price of the rate card', () => {
    refused(rich(), [{ ...fact, priceMicro: 1001 }, fund], 'price of the card')
    const { priceMicro: _, ...unpriced } = fact
    refused(rich(), [unpriced, fund], 'price of the card')
  })

  test('are metered while they run, and the rest is refunded at the end', () => {
    const state = rich()
    take(state, [fact, fund])
    take(state, [zero.fact, one.fact])
    refused(state, [one.fact], 'metered once')
    refused(state, [{ ...interval(2).fact, micro: 400 } as Fact], 'costs its part')
    const { sealed, verdict } = verdictOf(1)
    const mine = accountOf(eve.id)
    refused(state, [settleOf(zero.purpose, hold, mine, 600)], 'what is open', 9000)
    take(state, [sealed])
    take(state, [verdict])
    refused(state, [one.fact], 'takes no more')
    refused(state, [refundOf(4000)], 'settled first', 9000)
    refused(state, [settleOf(zero.purpose, hold, mine, 1000)], 'settled whole', 9000)
    const earned: Purpose = { type: 'earn', job: id, unit: 0, slot: 0 }
    refused(state, [settleOf(earned, hold, mine, 1000)], 'settled once', 9000)
    take(state, [settleOf(zero.purpose, hold, mine, 600)], 9000)
    take(state, [settleOf(one.purpose, hold, mine, 400)], 9000)
    refused(state, [{ type: 'end', job: id, as: 'final' }], 'nothing in escrow')
    take(state, [refundOf(4000), { type: 'end', job: id, as: 'final' }])
    expect(balanceOf(state, purse)).toBe(4000)
    expect(balanceOf(state, mine)).toBe(1000)
  })

  test('pay for the time of the lease that won, and of no other of its slot', () => {
    const state = rich()
    take(state, [fact, fund])
    take(state, [zero.fact])
    const [later, rest] = [interval(0, 2), interval(1, 2)]
    take(state, [later.fact, rest.fact])
    refused(state, [one.fact], 'later lease')
    const { sealed, verdict } = verdictOf(2)
    take(state, [sealed])
    take(state, [verdict])
    const mine = accountOf(eve.id)
    refused(state, [settleOf(zero.purpose, hold, mine, 600)], 'goes back', 9000)
    take(state, [settleOf(zero.purpose, hold, escrow, 600)])
    take(state, [settleOf(later.purpose, hold, mine, 600)], 9000)
    take(state, [settleOf(rest.purpose, hold, mine, 400)], 9000)
  })

  test('that are cancelled give back what was metered and not decided', () => {
    const state = rich()
    take(state, [fact, fund])
    take(state, [zero.fact])
    const by = (who: typeof ada) => request(who, 1, { type: 'cancel', job: id })
    refused(state, [{ type: 'cancel', request: by(ben) }], 'its own jobs')
    take(state, [{ type: 'cancel', request: by(ada) }])
    refused(state, [{ type: 'cancel', request: by(ada) }], 'counter is used once')
    refused(state, [verdictOf(1).sealed], 'takes no receipts')
    take(state, [settleOf(zero.purpose, hold, escrow, 600)])
    take(state, [refundOf(5000)])
    const end: Fact = { type: 'end', job: id, as: 'cancelled' }
    take(state, [end])
    expect(balanceOf(state, purse)).toBe(5000)
    expect(state.units.get(id, 0)).toBeUndefined()
    refused(state, [end], 'takes no more facts')
  })
})

test('modules are paid from their escrow as far as it reaches', () => {
  const job = jobFact(ada, 4, 2, 'wasm', 5000)
  const escrow = accounts.escrow(job.id)
  const fund = transfer({ type: 'fund', job: job.id }, purse, escrow, 5000)
  const state = rich()
  take(state, [job.fact, fund])
  const [near, far] = [0, 1].map((unit) => {
    return unitFacts(job.id, unit, [peer(5), peer(6)], 2_000_000_000, escrow)
  }) as [ReturnType<typeof unitFacts>, ReturnType<typeof unitFacts>]
  take(state, [...near.sealed, ...far.sealed])
  take(state, near.decided)
  refused(state, far.decided, 'holds what leaves it')
  expect(balanceOf(state, escrow)).toBe(1000)
})

describe('bonds', () => {
  const node = eve.id as NodeId
  const bonded = accounts.bond(node)

  function bond(counter: number, count: number, micro = 700, asked = micro): Fact {
    const word = request(ada, counter, { type: 'bond', node, micro: asked })
    return transfer({ type: 'bond', node, count }, purse, bonded, micro, word)
  }

  test('are asked for, counted, and go back to who left them', () => {
    const state = rich()
    refused(state, [bond(1, 1, 700, 699)], 'as large as asked')
    refused(state, [bond(1, 2)], 'counted')
    refused(state, [{ ...bond(1, 1), from: accountOf(ben.id) } as Fact], 'leaves it')
    take(state, [bond(1, 1)])
    refused(state, [bond(1, 2)], 'counter is used once')
    take(state, [bond(2, 2)])
    const end = (count: number, to: Account, micro = 700) => {
      return settleOf({ type: 'bond', node, count }, bonded, to, micro)
    }
    refused(state, [end(1, accountOf(ben.id))], 'goes to its owner')
    refused(state, [end(1, purse, 1400)], 'settled whole')
    refused(state, [end(1, accounts.slash)], 'goes to its owner')
    take(state, [end(1, purse), end(2, purse)])
    refused(state, [end(1, purse)], 'settled once')
    expect(balanceOf(state, bonded)).toBe(0)
  })
})

describe('departures', () => {
  const to = 'e'.repeat(64) as typeof chain
  const owner = ada.id as string as OwnerId

  function departure(counter: number, nonce: number, micro = 700, asked = micro, where = to): Fact {
    const act = { type: 'depart' as const, to: where, micro: asked, nonce: bytes(nonce) }
    const purpose: Purpose = { type: 'depart', owner, to: where, nonce: bytes(nonce) }
    const word = request(ada, counter, act)
    return transfer(purpose, purse, accounts.bridge(chain, where), micro, word)
  }

  test('are asked for, to another chain, once', () => {
    const state = rich()
    refused(state, [departure(1, 1, 700, 701)], 'as it was asked for')
    refused(state, [departure(1, 1, 700, 700, chain)], 'to another chain')
    take(state, [departure(1, 1)])
    refused(state, [departure(2, 1)], 'learnt once')
    take(state, [departure(2, 2)])
    expect(balanceOf(state, accounts.bridge(chain, to))).toBe(1400)
    const elsewhere = transfer(
      { type: 'depart', owner, to, nonce: bytes(3) },
      purse,
      accounts.bridge(to, to),
      1,
      request(ada, 3, { type: 'depart', to, micro: 1, nonce: bytes(3) }),
    )
    refused(state, [elsewhere], 'departs from there')
  })

  test('stand in an entry that the other chain can be given whole', () => {
    const state = rich()
    const node = (i: number): Fact => {
      const platform = { os: 'linux', arch: 'arm64' }
      return { type: 'node', node: peer(100 + i).id as NodeId, tier: 'cpu', platform }
    }
    const others = Array.from({ length: 50 }, (_, i) => node(i))
    refused(state, [departure(1, 1), ...others], 'carried over')
    take(state, others)
    take(state, [departure(1, 1)])
  })
})

describe('requests', () => {
  const { id, fact } = jobFact(ada, 5, 1)
  const asked = (time: number, epoch = 0): Fact => {
    return { type: 'cancel', request: request(ada, 1, { type: 'cancel', job: id }, time, epoch) }
  }

  test('are carried out in time, in the epoch that they name', () => {
    const state = learnt([fact])
    refused(state, [asked(1, 1)], 'for this epoch')
    refused(state, [asked(100_000)], 'in the future')
    refused(state, [asked(1)], 'in time', 121_000)
    take(state, [asked(1)], 119_000)
  })
})

function bytes(fill: number): Uint8Array {
  return new Uint8Array(16).fill(fill)
}
