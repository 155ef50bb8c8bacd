import { expect, test } from 'vitest'
import { type Tried, tried } from './run.ts'
import { Scene } from './scene.ts'
import { lanes } from './tries.ts'

const MiB = 1024 * 1024

test('what the hostile try is refused, and honest work goes on and is paid once', async () => {
  const seed = Date.now() % 2 ** 32
  const work = { nodes: 2, units: 12, points: 500_000 }
  await using scene = await Scene.open(seed, work)
  const { now } = await scene.memory()
  const results: Tried[] = []
  // Side by side: most of it is waiting for deadlines.
  const running = lanes.map(async (lane) => {
    for await (const one of tried(lane, scene, now)) results.push(one)
  })
  await Promise.all(running)
  for (const { name, missing, came, moreBytes } of results) {
    expect({ seed, name, came, missing }).toEqual({ seed, name, came, missing: [] })
    expect(moreBytes, name).toBeLessThan(256 * MiB)
  }
  const { troubles } = scene
  const ended = await scene.end()
  expect({ seed, troubles, faults: ended.faults }).toEqual({ seed, troubles: [], faults: [] })
  expect(scene.done.length).toBeGreaterThan(0)
  for (const { accepted } of scene.done) expect(accepted).toBe(work.units)
  expect(ended.acknowledged).toBeGreaterThan(0)
})
