import { expect, test } from 'vitest'
import type { Event } from '../../core/event.ts'
import { nodeNamed, ownerNamed } from '../../test/cast.ts'
import { Rig } from '../../test/rig.ts'
import { Abroad, besideOf, besides } from './abroad.ts'

test('other chains say what verdicts made of a node, and each ban is told once', async () => {
  const [here, there] = [new Rig(), new Rig({}, { number: 1 })]
  there.believe(70, 'ann')
  const { bans, tables } = there.state.ledger.state
  bans.set(ownerNamed('eve'), { at: 1 })
  tables.keep()
  const chains = () => [here, there].map(({ chain, state }) => besideOf(chain, state.ledger))
  let isFrozen = false
  const beside = () => besides(here.chain, chains(), () => isFrozen)
  const happened: Event[] = []
  const abroad = new Abroad({ isFull: false, happen: (event) => happened.push(event) }, beside)
  const none = { vouched: 0, passes: 0, strikes: 0 }
  const said = { wasm: { vouched: 70, passes: 70, strikes: 0 }, docker: none }
  expect(await abroad.said(nodeNamed('ann'))).toEqual([said])
  expect(await abroad.said(nodeNamed('bob'))).toEqual([])
  abroad.hear()
  expect(happened).toEqual([{ type: 'banned', owners: [ownerNamed('eve')] }])
  // A chain of which a fork is known says nothing; nor does its own.
  isFrozen = true
  expect(await abroad.said(nodeNamed('ann'))).toEqual([])
})

test('who comes is not held against each owner who was ever banned somewhere', async () => {
  const [here, there] = [new Rig(), new Rig({}, { number: 1 })]
  let looked = 0
  const list = Array.from({ length: 1000 }, (_, i) => ownerNamed(`eve ${i}`))
  const bans = new Proxy(list, {
    get: (all, key) => {
      if (/^\d+$/.test(String(key))) looked++
      return Reflect.get(all, key)
    },
  })
  const { chain } = there
  const one = { chain, tip: { epoch: 0 }, bans, said: () => Promise.resolve(undefined) }
  const happened: Event[] = []
  const inbox = { isFull: false, happen: (event: Event) => happened.push(event) }
  const abroad = new Abroad(inbox, () => besides(here.chain, [one], () => false))
  for (const name of ['ann', 'bob', 'cid']) await abroad.said(nodeNamed(name))
  list.push(ownerNamed('eva'))
  await abroad.said(nodeNamed('dan'))
  expect(looked).toBe(list.length)
  expect(happened).toMatchObject([{ owners: list.slice(0, -1) }, { owners: list.slice(-1) }])
})
