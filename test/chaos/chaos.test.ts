import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { missing } from '../config.ts'
import { canMakeNets } from '../road/netns.ts'
import { canLoop } from './disk.ts'
import type { FaultKind } from './plan.ts'
import { report } from './report.ts'
import { go, type Went } from './run.ts'

const timeout = 600_000
const size = { coordinators: 3, nodes: 5, publishers: 2 }

/** A run in a directory that is gone after it; what came of it is printed. */
async function went(
  seed: number,
  seconds: number,
  more: { readonly only?: readonly FaultKind[]; readonly mutations?: readonly string[] } = {},
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
  test('of a minute leaves nothing lost, and nothing paid twice', { timeout }, async () => {
    const seed = Date.now() % 1_000_000
    const { anomalies, counts } = await went(seed, 60)
    expect({ seed, anomalies }).toEqual({ seed, anomalies: [] })
    expect(counts.jobs).toBeGreaterThan(0)
    expect(counts.accepted).toBeGreaterThan(0)
    expect(counts.reads).toBeGreaterThan(0)
  })
})
