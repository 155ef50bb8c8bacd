import { threadId } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Counter } from './test/counter.ts'
import { Threads } from './threads.ts'

const program = new URL('./test/counter-thread.ts', import.meta.url)

describe('threads', () => {
  test('hold objects that do what they are asked, each with a state of its own', async () => {
    await using threads = new Threads(program, 2)
    using one = threads.place<Counter>()
    using other = threads.place<Counter>()
    const counts = [2, 3, 4].map((many) => one.asker.ask('add', [many]))
    expect(await Promise.all(counts)).toEqual([2, 5, 9])
    expect(await other.asker.ask('add', [1])).toBe(1)
    expect(threads.size).toBe(1)
    const bytes = new Uint8Array(1000)
    const { length, thread } = await one.asker.ask('measure', [bytes], [bytes.buffer])
    expect({ length, left: bytes.length }).toEqual({ length: 1000, left: 0 })
    expect(thread).not.toBe(threadId)
  })

  test('are as many as other cores, and the next object goes where the fewest are', async () => {
    await using threads = new Threads(program, 3)
    expect(threads.size).toBe(0)
    const placed = Array.from({ length: 4 }, () => threads.place<Counter>())
    expect(threads.size).toBe(2)
    const where = async ({ asker }: (typeof placed)[number]) =>
      (await asker.ask('measure', [new Uint8Array()])).thread
    const [a, b, c, d] = await Promise.all(placed.map(where))
    expect([c, d].sort()).toEqual([a, b].sort())
    for (const one of placed) if ((await where(one)) === b) one[Symbol.dispose]()
    using next = threads.place<Counter>()
    expect(await where(next)).toBe(b)
  })

  test('that break an invariant tell why to all who wait, or ask from then on', async () => {
    await using threads = new Threads(program, 2)
    const { asker } = threads.place<Counter>()
    const waiting = asker.ask('wait', [])
    const failing = asker.ask('fail', [])
    const told = { message: expect.stringContaining('a thread has ended') }
    await expect(failing).rejects.toMatchObject({ ...told, cause: { message: 'it cannot be so' } })
    await expect(waiting).rejects.toMatchObject(told)
    await expect(asker.ask('add', [1])).rejects.toMatchObject(told)
    await expect(threads.place<Counter>().asker.ask('add', [1])).rejects.toMatchObject(told)
  })
})
