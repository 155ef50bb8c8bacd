import { describe, expect, test } from 'vitest'
import { nodeNamed, ownerNamed } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'
import type { Unit } from './book.ts'
import type { Elsewhere } from './event.ts'
import { votesOf } from './terms.ts'
import { decide } from './verdict/decide.ts'
import { isAnchor, type Terms, type Vote, weightOfVote } from './verdict/vote.ts'

const nobody = { vouched: 0, passes: 0, strikes: 0 }

function chain(vouched: number, strikes = 0): Elsewhere {
  return { wasm: { vouched, passes: vouched, strikes }, docker: nobody }
}

let streams = 1000

/** What is believed of a node that comes, if other chains say this of it. */
function believed(...elsewhere: Elsewhere[]) {
  const rig = new Rig()
  const node = nodeNamed('ann')
  rig.step({ type: 'opened', stream: streams++, node, network: 'net', elsewhere })
  return rig.state.foreign.get(node)?.wasm
}

describe('what other chains say of a node', () => {
  test('is believed as far as two of them say it', () => {
    expect(believed(chain(3000), chain(700), chain(20))).toEqual({ vouched: 700, strikes: 0 })
  })

  test('is believed of one alone only so far that it is no anchor anywhere', () => {
    expect(believed(chain(1_000_000))).toEqual({ vouched: 50, strikes: 0 })
    expect(believed(chain(1_000_000), chain(0))).toEqual({ vouched: 50, strikes: 0 })
    expect(believed(chain(30))).toEqual({ vouched: 30, strikes: 0 })
  })

  test('counts the most strikes that anybody counts', () => {
    expect(believed(chain(700, 0), chain(700, 2))).toEqual({ vouched: 700, strikes: 2 })
  })

  test('is forgotten when it comes again and nobody says so any more', () => {
    const rig = new Rig()
    const node = nodeNamed('ann')
    const opened = { type: 'opened' as const, node, network: 'net' }
    rig.step({ ...opened, stream: 1001, elsewhere: [chain(30)] })
    rig.step({ ...opened, stream: 1002 })
    expect(rig.state.foreign.size).toBe(0)
  })
})

const terms: Terms = {
  ...{ owners: 2, apart: 'owners', audit: false, again: false, unjudged: false, inTurn: false },
  ...{ anchors: 20, own: 1, platforms: new Set(['linux/x86_64']) },
}

function vote(slot: number, more: Partial<Vote>): Vote {
  const name = `node ${slot}`
  return {
    ...{ slot, node: nodeNamed(name), owner: ownerNamed(name), network: `net ${slot}` },
    ...{ platform: 'linux/x86_64', says: 'lie', failed: false, vouched: 0, strikes: 0 },
    ...{ own: false, referee: false, round: 0, standing: 'good' as const },
    ...more,
  }
}

describe('a chain that invents reputation', () => {
  test('makes no liar an anchor, and no lie accepted, however many liars it praises', () => {
    for (const elsewhere of [50, 2000, 1_000_000]) {
      for (let liars = 1; liars <= 7; liars++) {
        const votes = Array.from({ length: liars }, (_, i) => vote(i, { elsewhere }))
        expect(votes.some(isAnchor)).toBe(false)
        const said = decide(votes, terms)
        expect({ elsewhere, liars, type: said.type }).not.toMatchObject({ type: 'accepted' })
      }
    }
  })

  test('and praises them alone outweighs no single node of the mesh’s own', () => {
    const own = vote(9, { own: true, says: 'right' })
    expect(weightOfVote(vote(0, { elsewhere: 50 }))).toBeLessThan(weightOfVote(own))
    const said = decide(
      [vote(0, { elsewhere: 50 }), own, vote(8, { vouched: 2000, says: 'right' })],
      terms,
    )
    expect(said).toMatchObject({ type: 'accepted', says: 'right' })
  })

  test('does nothing for who was wrong here', () => {
    const rig = new Rig()
    rig.join('ann')
    const job = rig.publish()
    rig.deliverAll('ann')
    const node = nodeNamed('ann')
    rig.state.foreign.set(node, { wasm: { vouched: 40, strikes: 0 }, docker: nobody })
    const weight = () => votesOf(rig.state, rig.unit(job) as Unit).map(weightOfVote)
    expect(weight()[0]).toBeGreaterThan(5000)
    const { reputations, tables } = rig.state.ledger.state
    reputations.set(node, 'wasm', { vouched: 0, passes: 0, strikes: 1 })
    tables.keep()
    expect(weight()).toEqual([847])
  })
})

describe('an owner who is banned on another chain', () => {
  test('is let in nowhere, and keeps what was earned here', () => {
    const rig = new Rig()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.publish()
    rig.work({ kim: 'right', ann: 'right' })
    rig.step({ type: 'banned', owners: [ownerNamed('ann'), ownerNamed('bob')] })
    expect(rig.hungUp.has('ann')).toBe(true)
    rig.join('bob')
    expect(rig.refusals('bob')).toEqual(['node.banned'])
    expect(rig.node('kim')?.welcomed).toBe(true)
    rig.pass(70_000)
    expect(rig.credit('ann') + rig.bond('ann')).toBe(2000)
  })
})
