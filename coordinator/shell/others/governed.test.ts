import { Ledger, type Taken } from '@nexapod/ledger'
import { openStore } from '@nexapod/ledger/store'
import { reopen } from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { noon } from '../../test/cast.ts'
import { SignedLine } from '../../test/line.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { governanceAt } from './governed.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('who governed a chain at a size is said by the changes below it', async () => {
  const { mesh, taken } = new ScriptedChain().grow(3)
  const line = new SignedLine(mesh)
  const ledger = new Ledger(reopen)
  const all = taken.map(({ bytes }) => valued(ledger.take(bytes)))
  const write = (...facts: Parameters<Ledger['write']>[0]): Taken => {
    return valued(ledger.write(facts, noon + 1000))
  }
  all.push(write(line.roster(['kim', 'lea'], ['kim', 'lea', 'mia', 'nia'])))
  all.push(write({ type: 'fences', below: 9000 }))
  all.push(write(line.roster(['kim', 'lea', 'nia'], ['kim', 'nia'])))
  await using store = valued(await openStore({ directory: folders.next() }))
  // What is learnt may not be on the disk yet.
  expect(await governanceAt(store, ledger, 1)).toMatchObject({
    refusal: { code: 'ledger.unknown' },
  })
  valued(await store.append(all))
  const at = async (size: number) => {
    const { members, quorum, revision } = valued(await governanceAt(store, ledger, size))
    return [members.length, quorum, revision]
  }
  expect(await at(1)).toEqual([3, 2, 0])
  expect(await at(4)).toEqual([3, 2, 0])
  expect(await at(5)).toEqual([4, 3, 1])
  expect(await at(6)).toEqual([4, 3, 1])
  expect(await at(7)).toEqual([2, 2, 2])
  expect(await at(Number.POSITIVE_INFINITY)).toEqual([2, 2, 2])
})
