import { expect, test } from 'vitest'
import type { Event } from '../../core/event.ts'
import { nodeNamed, ownerNamed } from '../../test/cast.ts'
import { Rig } from '../../test/rig.ts'
import { Abroad, besides } from './abroad.ts'

test('other chains say what verdicts made of a node, and each ban is told once', () => {
  const [here, there] = [new Rig(), new Rig({}, { number: 1 })]
  there.believe(70, 'ann')
  const { bans, tables } = there.state.ledger.state
  bans.set(ownerNamed('eve'), { at: 1 })
  tables.keep()
  const ledgers = [here, there].map(({ state }) => state.ledger)
  let isFrozen = false
  const beside = () => besides(here.chain, ledgers, () => isFrozen)
  const happened: Event[] = []
  const abroad = new Abroad({ isFull: false, happen: (event) => happened.push(event) }, beside)
  const none = { vouched: 0, passes: 0, strikes: 0 }
  const said = { wasm: { vouched: 70, passes: 70, strikes: 0 }, docker: none }
  expect(abroad.said(nodeNamed('ann'))).toEqual([said])
  expect(abroad.said(nodeNamed('bob'))).toEqual([])
  abroad.hear()
  expect(happened).toEqual([{ type: 'banned', owners: [ownerNamed('eve')] }])
  // A chain of which a fork is known says nothing; nor does its own.
  isFrozen = true
  expect(abroad.said(nodeNamed('ann'))).toEqual([])
})
