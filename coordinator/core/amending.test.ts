import { Ledger, stateRoot } from '@nexapod/ledger'
import { type Change, type CoordinatorId, type Fact, open, reopen } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { genesisOf, keyNamed, noon, usualRates } from '../test/cast.ts'
import { SignedLine } from '../test/line.ts'
import { Rig } from '../test/rig.ts'
import { begin } from './begin.ts'
import { usualRules } from './setting.ts'

function amendedBy(rig: Rig, change: Change): string {
  const answer = rig.ask({ type: 'amend', change })
  if (answer?.type === 'done') return `entry ${answer.seq}`
  return answer?.type === 'refuse' ? answer.refusal.code : String(answer?.type)
}

function governing(rig: Rig) {
  const { members, quorum, revision, rates } = rig.state.ledger.chain.tip?.governance ?? {}
  return { members: members?.length, quorum, revision, rates }
}

describe('a change that a quorum signed', () => {
  test('becomes a fact, and the same again gets the same answer, after a restart too', () => {
    const rig = new Rig()
    const line = new SignedLine(rig.mesh)
    const change = line.roster(['kim'], ['kim', 'lea'])
    const said = amendedBy(rig, change)
    expect(said).toBe(`entry ${rig.entries.length - 1}`)
    expect(governing(rig)).toMatchObject({ members: 2, quorum: 2, revision: 1 })
    const rates = line.rates(['kim', 'lea'], { ...usualRates, bondMicro: 7 })
    expect(amendedBy(rig, rates)).toMatch('entry')
    expect(amendedBy(rig, change)).toBe(said)
    rig.restart()
    expect(amendedBy(rig, change)).toBe(said)
    expect(governing(rig)).toMatchObject({ revision: 2, rates: { bondMicro: 7 } })
  })

  test('is refused of too few, of strangers, out of line, and where there is another', () => {
    const rig = new Rig()
    const line = new SignedLine(rig.mesh)
    expect(amendedBy(rig, line.rosterOf(['lea'], ['kim', 'lea']))).toBe('chain.roster')
    const other = line.rosterOf(['kim'], ['kim', 'mia'])
    const first = line.roster(['kim'], ['kim', 'lea'])
    expect(amendedBy(rig, first)).toMatch('entry')
    expect(amendedBy(rig, other)).toBe('chain.roster')
    expect(amendedBy(rig, line.rosterOf(['kim'], ['kim']))).toBe('chain.roster')
    expect(amendedBy(rig, line.rosterOf(['kim', 'mia'], ['kim']))).toBe('chain.roster')
    line.roster(['kim', 'lea'], ['kim', 'lea', 'mia'])
    expect(amendedBy(rig, line.roster(['kim', 'lea'], ['kim', 'lea']))).toBe('chain.roster')
    const elsewhere = new SignedLine('0'.repeat(64) as typeof rig.mesh)
    expect(amendedBy(rig, elsewhere.roster(['kim'], ['kim']))).toBe('chain.roster')
    const { roster } = first as Change & { type: 'roster' }
    const signatures = [new Uint8Array(64)]
    const forged: Change = { type: 'roster', roster: { ...roster, signatures } }
    expect(amendedBy(rig, forged)).toMatch('signature.')
    expect(governing(rig)).toMatchObject({ members: 2, revision: 1 })
  })

  test('makes the nodes of a new member the mesh’s own', () => {
    const rig = new Rig()
    for (const name of ['kim', 'lea']) rig.join(name)
    rig.publish()
    rig.work({ kim: 'right', lea: 'right' })
    rig.pass(usualRates.settleMs)
    expect([rig.credit('lea'), rig.bond('lea')]).toEqual([0, 2000])
    const change = new SignedLine(rig.mesh).roster(['kim'], ['kim', 'lea'])
    expect(amendedBy(rig, change)).toMatch('entry')
    expect([rig.credit('lea'), rig.bond('lea')]).toEqual([2000, 0])
  })
})

describe('changes that were heard of', () => {
  test('are written as far as they follow, each once', () => {
    const rig = new Rig()
    const line = new SignedLine(rig.mesh)
    line.roster(['kim'], ['kim', 'lea'])
    line.roster(['kim', 'lea'], ['kim', 'lea', 'mia'])
    rig.step({ type: 'amended', changes: line.changes })
    expect(governing(rig)).toMatchObject({ members: 3, revision: 2 })
    const { length } = rig.entries
    rig.step({ type: 'amended', changes: line.changes })
    expect(rig.entries).toHaveLength(length)
    const third = line.rates(['kim', 'lea'], usualRates)
    const stray = line.rosterOf(['kim'], ['kim'])
    rig.step({ type: 'amended', changes: [third, stray] })
    expect(governing(rig)).toMatchObject({ members: 3, revision: 3 })
  })

  test('that take it out are not written, and it takes no more jobs', () => {
    const rig = new Rig()
    const line = new SignedLine(rig.mesh)
    const first = line.roster(['kim'], ['kim', 'lea'])
    const away = line.roster(['kim', 'lea'], ['lea'])
    amendedBy(rig, first)
    expect(amendedBy(rig, away)).toBe('chain.roster')
    expect(governing(rig)).toMatchObject({ members: 2, revision: 1 })
    expect(rig.news).toContainEqual({ type: 'left', revision: 2 })
    expect(rig.state.draining).toBe(true)
    // It is as it was, for whoever reads its chain; and hears of it again after a restart.
    rig.restart()
    expect(rig.state.draining).toBe(false)
    rig.step({ type: 'amended', changes: [away] })
    expect(rig.state.draining).toBe(true)
    // Lea takes it in again: both changes stand in one entry.
    const back = line.roster(['lea'], ['kim', 'lea'])
    rig.step({ type: 'amended', changes: [away, back] })
    expect(governing(rig)).toMatchObject({ members: 2, revision: 3 })
    expect(rig.state.draining).toBe(false)
    expect(rig.facts.slice(-2).map(({ type }) => type)).toEqual(['roster', 'roster'])
  })
})

describe('the chain of a later member', () => {
  test('begins with the line that names it, and goes on like any other', () => {
    const genesis = genesisOf(usualRates)
    const line = new SignedLine(new Rig().mesh)
    line.roster(['kim'], ['kim', 'mia'])
    line.rates(['kim', 'mia'], { ...usualRates, bondMicro: 5 })
    line.roster(['kim', 'mia'], ['kim', 'lea', 'mia'])
    const lea = keyNamed('lea')
    const first = { ...genesis, coordinator: lea.id as CoordinatorId }
    const setting = { signer: lea, open, rules: usualRules, secret: new Uint8Array(32), first }
    const beginning = { ...setting, changes: line.changes }
    const { state, effects } = begin(beginning, new Ledger(reopen), [], { at: 0, time: noon })
    const read = new Ledger()
    const facts: Fact['type'][] = []
    for (const effect of effects) {
      if (effect.type !== 'append') continue
      for (const { bytes, entry } of effect.taken) {
        expect(read.take(bytes)).toMatchObject({ ok: true })
        facts.push(...entry.facts.map(({ type }) => type))
      }
    }
    expect(facts).toEqual(['genesis', 'roster', 'rates', 'roster', 'draw'])
    expect(stateRoot(read.state)).toBe(stateRoot(state.ledger.state))
    expect(read.chain.tip?.governance).toMatchObject({ revision: 3, rates: { bondMicro: 5 } })
  })
})
