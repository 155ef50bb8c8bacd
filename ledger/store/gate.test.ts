import type { ChainId, Digest, Signer } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { signers } from '../test/chains.ts'
import { codeOf, filled, opened, Places, taken, valued, writer } from '../test/stores.ts'
import { backup, restore, type Tip } from './index.ts'

const places = new Places()
const place = () => places.next()
afterAll(() => places.remove())

const signer = signers[0] as Signer
const state = '7'.repeat(64) as Digest

describe('the gate', () => {
  test('signs after the witnesses were asked, the same again', async () => {
    const directory = place()
    await using store = await filled(directory, 10)
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.unasked')
    valued(await store.gate.witnessed([]))
    const first = valued(await store.gate.checkpoint(signer, { state, time: 1 }))
    expect(valued(await store.gate.checkpoint(signer, { state, time: 2 }))).toEqual(first)
    const other = '8'.repeat(64) as Digest
    expect(codeOf(await store.gate.checkpoint(signer, { state: other, time: 2 }))).toBe(
      'ledger.forked',
    )
    const cosignature = writer.cosign(first, 1, 10)
    valued(await store.gate.cosigned(cosignature))
    expect(valued(await store.gate.cosignatures(10))).toHaveLength(1)
    expect(codeOf(await store.gate.cosigned(writer.cosign(first, 1, 9)))).toBe('chain.checkpoint')
  })

  test('says one word at a time, whoever asks at once', async () => {
    await using store = await filled(place(), 10)
    valued(await store.gate.witnessed([]))
    const states = ['1', '2', '3'].map((digit) => digit.repeat(64) as Digest)
    const answers = states.map((one) => store.gate.checkpoint(signer, { state: one, time: 1 }))
    expect((await Promise.all(answers)).map(codeOf)).toEqual([
      'ok',
      'ledger.forked',
      'ledger.forked',
    ])
    const chain = 'c'.repeat(64) as ChainId
    const seen = states.map((head) => store.gate.see(chain, { ...store.tip, head }))
    expect((await Promise.all(seen)).map(codeOf)).toEqual(['ok', 'ledger.forked', 'ledger.forked'])
  })

  test('of a restored backup refuses what others have seen, until it has it again', async () => {
    const [directory, copy, again] = [place(), place(), place()]
    let seen: Tip
    {
      await using store = await filled(directory, 10)
      valued(await backup(store, copy))
      valued(await store.append(taken.slice(10, 20)))
      seen = store.tip
    }
    valued(await restore(copy, again))
    {
      await using store = await opened(again)
      expect(store.tip.size).toBe(10)
      expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.unasked')
      valued(await store.gate.witnessed([seen]))
      expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.behind')
    }
    await using store = await opened(again)
    valued(await store.gate.witnessed([]))
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.behind')
    valued(await store.append(taken.slice(10, 21)))
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ok')
  })

  test('does not open where a witness has another history', async () => {
    await using store = await filled(place(), 5)
    valued(await store.gate.witnessed([]))
    valued(await store.gate.checkpoint(signer, { state, time: 1 }))
    valued(await store.append(taken.slice(5, 10)))
    const other = { ...store.tip, size: 9 }
    expect(codeOf(await store.gate.witnessed([other]))).toBe('ledger.forked')
    expect(valued(await store.gate.behind())?.size).toBe(9)
    valued(await store.gate.witnessed([{ ...store.tip, size: 11 }]))
    expect(valued(await store.gate.behind())?.size).toBe(11)
    valued(await store.append(taken.slice(10, 12)))
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.forked')
  })

  test('of what was never signed says that it is not what was seen', async () => {
    await using store = await filled(place(), 10)
    const other = { ...store.tip, size: 9 }
    valued(await store.gate.witnessed([other]))
    expect(valued(await store.gate.behind())?.size).toBe(9)
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.forked')
  })

  test('never says of another chain less than it has said', async () => {
    const directory = place()
    const chain = 'a'.repeat(64) as ChainId
    const seen = { epoch: 0, size: 7, head: state, root: state }
    {
      await using store = await filled(directory, 2)
      valued(await store.gate.see(chain, seen))
    }
    await using store = await opened(directory)
    expect(valued(await store.gate.seen(chain))).toEqual(seen)
    expect(codeOf(await store.gate.see(chain, { ...seen, size: 6 }))).toBe('chain.checkpoint')
    const other = { ...seen, head: 'b'.repeat(64) as Digest }
    expect(codeOf(await store.gate.see(chain, other))).toBe('ledger.forked')
    valued(await store.gate.see(chain, { ...seen, size: 8 }))
  })
})
