import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { missing } from '../config.ts'
import { canMakeNets } from '../road/netns.ts'
import { mutated } from '../sim/mutate/mutation.ts'
import { canLoop } from './disk.ts'
import { forger, mistakes, mutationsOf } from './mistakes.ts'
import type { FaultKind } from './plan.ts'
import { report } from './report.ts'
import { go, type Went } from './run.ts'
import type { Size } from './scene.ts'

const timeout = 900_000
const size = { coordinators: 3, nodes: 5, publishers: 2 }
const small = { coordinators: 3, nodes: 3, publishers: 1 }

/** A run in a directory that is gone after it; what came of it is printed. */
async function went(
  seed: number,
  seconds: number,
  more: {
    readonly size?: Size
    readonly only?: readonly FaultKind[]
    readonly calmMs?: number
    readonly mutations?: readonly string[]
  } = {},
): Promise<Went> {
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-chaos-'))
  const lines: string[] = []
  try {
    const chaos = { seed, ms: seconds * 1000, size, directory, ...more }
    const went = await go(chaos, (line) => lines.push(line))
    process.stdout.write(`${[...lines, ...report(went)].join('\n')}\n`)
    return went
  } finally {
    await rm(directory, { recursive: true })
  }
}

const need = missing('netns', canMakeNets) || missing('loop', canLoop)

describe.skipIf(need)('chaos', () => {
  test('of three minutes loses nothing, and pays nothing twice', { timeout }, async () => {
    const seed = Date.now() % 1_000_000
    const { anomalies, counts } = await went(seed, 180)
    expect({ seed, anomalies }).toEqual({ seed, anomalies: [] })
    expect(counts.jobs).toBeGreaterThan(0)
    expect(counts.accepted).toBeGreaterThan(0)
    expect(counts.reads).toBeGreaterThan(0)
  })

  const made = Object.entries(mistakes)
  test.each(made)(
    'finds what is %s',
    { timeout },
    async (name, { faults: only, seenAs, seconds }) => {
      const { anomalies } = await went(7, seconds, {
        size: small,
        only,
        mutations: [name],
        calmMs: 20_000,
      })
      const found = new Set(anomalies.map(({ is }) => is))
      expect(seenAs.filter((is) => found.has(is))).not.toEqual([])
    },
  )
})

describe('a mistake', () => {
  const all = [...Object.keys(mistakes), forger].flatMap((name) => mutationsOf(name) ?? [])
  test.each(all)('in $file is one in the house as it is', (one) => {
    const source = readFileSync(new URL(`../../${one.file}`, import.meta.url), 'utf8')
    expect(mutated(source, { ...one, name: '', rule: '' })).not.toBe(source)
  })
})
