import { Pool } from '../pool/pool.ts'
import { moduleBytes, program, taskOf } from './cast.ts'

/**
 * A process with a pool, to be killed: its two children run what does not end, and one of them
 * stands still. It says which they are when both have begun.
 */
const pool = new Pool(2)
const task = taskOf(
  [program('probes', ['surroundings'], { ignoreError: true }), program('probes', ['loop'])],
  { fuel: 2 ** 49 },
)
const begun = ['running', 'frozen'].map((key) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  void pool.run(task, {
    key,
    deadlineMs: 600_000,
    signal: new AbortController().signal,
    onLog: () => resolve(),
    module: async () => moduleBytes('probes'),
  })
  return promise
})
await Promise.all(begun)
pool.freeze('frozen')
process.send?.(pool.pids)
