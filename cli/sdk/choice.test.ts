import { type ChainId, type CoordinatorId, ed25519, type PublisherId, sha256 } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import type { Home } from './callers.ts'
import { chosenOf, coordinatorCalled } from './choice.ts'

const bytesOf = (text: string) => sha256(new TextEncoder().encode(text))
const keyOf = (name: string) => ed25519.signer(bytesOf(name)).id

/** A coordinator that is there, with a chain of its own or with one that it took over. */
function home(name: string, { takesJobs = true, chain = name } = {}): Home {
  const beacon = { chain: chain as ChainId, epoch: 0, takesJobs } as Home['beacon']
  return { coordinator: keyOf(name) as CoordinatorId, beacon }
}

const ada = keyOf('ada') as PublisherId
const ticket = (i: number) => ({ publisher: ada, nonce: bytesOf(`job ${i}`).subarray(0, 16) })
const three = ['kim', 'lou', 'max'].map((name) => home(name))
const jobs = Array.from({ length: 600 }, (_, i) => ticket(i))

function chainsOf(homes: readonly Home[]): string[] {
  return jobs.map((one) => {
    const chosen = chosenOf(homes, one)
    return chosen.ok ? chosen.value.beacon.chain : chosen.refusal.code
  })
}

describe('where a job goes', () => {
  test('is spread evenly over all that are there, in whatever order they answer', () => {
    const chains = chainsOf(three)
    for (const { beacon } of three) {
      const share = chains.filter((chain) => chain === beacon.chain).length
      expect(share).toBeGreaterThan(160)
      expect(share).toBeLessThan(240)
    }
    expect(chainsOf(three.toReversed())).toEqual(chains)
  })

  test('stays where it is for all others when one goes', () => {
    const before = chainsOf(three)
    const after = chainsOf(three.slice(1))
    for (const [i, chain] of before.entries()) if (chain !== 'kim') expect(after[i]).toBe(chain)
    expect(after).not.toContain('kim')
  })

  test('is nobody who takes none, and the own chain of who has two', () => {
    const drains = [home('kim', { takesJobs: false }), home('lou'), home('lou', { chain: 'kim' })]
    expect(new Set(chainsOf(drains))).toEqual(new Set(['lou']))
  })

  test('is who was named, or nobody', () => {
    const [kim, , max] = three
    expect(chosenOf(three, ticket(0), max?.coordinator)).toMatchObject({ value: max })
    expect(chosenOf(three.slice(1), ticket(0), kim?.coordinator)).toMatchObject({
      refusal: { code: 'wire.unreachable' },
    })
    const drains = [home('kim', { takesJobs: false }), ...three.slice(1)]
    expect(chosenOf(drains, ticket(0), kim?.coordinator)).toMatchObject({
      refusal: { code: 'wire.closing' },
    })
  })
})

test('a coordinator is called by its key, or by letters that no other key begins with', () => {
  const keys = three.map(({ coordinator }) => coordinator)
  for (const key of keys) {
    expect(coordinatorCalled(key, keys)).toBe(key)
    expect(coordinatorCalled(key.slice(8, 14), keys)).toBe(key)
    expect(coordinatorCalled(key.slice(0, 14), keys)).toBe(key)
  }
  expect(coordinatorCalled('12D3KooW', keys)).toBeUndefined()
  expect(coordinatorCalled('0000', keys)).toBeUndefined()
})
