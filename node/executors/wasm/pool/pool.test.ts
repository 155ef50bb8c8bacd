import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { constants, getPriority } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Task } from '../run/task.ts'
import { bytesOf, moduleBytes, program, runHere, taskOf } from '../test/cast.ts'
import { Pool, type Returned, type RunOptions } from './pool.ts'

const never = new AbortController().signal

/** Whether the system shows processes as files, and can stop them. */
const isLinux = process.platform === 'linux'

describe('a pool of child processes', () => {
  let pool: Pool

  beforeAll(() => {
    pool = new Pool(2)
  })
  afterAll(() => pool[Symbol.asyncDispose]())

  test('gives what a run in this process gives, and asks for a module once', async () => {
    const bytes = Uint8Array.from({ length: 500_000 }, (_, i) => i * 7)
    const task = copyOf(bytes)
    const asked: string[] = []
    const module = async (name: string) => {
      asked.push(name)
      return moduleBytes('probes')
    }
    const first = await run(pool, task, { module })
    const second = await run(pool, task, { module })
    if (first.type === 'failed' || second.type === 'failed') throw new Error('a run failed')
    expect(first.ran).toEqual(runHere(task).ran)
    expect(second.ran).toEqual(first.ran)
    expect(asked).toEqual(['probes'])
  })

  test('tells of a module that the profile refuses, which is a trap', async () => {
    let log = ''
    const returned = await run(pool, taskOf([program('text', [])]), {
      module: async () => bytesOf('no module'),
      onLog: (_, bytes) => {
        log += new TextDecoder().decode(bytes)
      },
    })
    expect(returned).toMatchObject({
      type: 'ran',
      ran: { ended: { type: 'trap', executor: 0 }, fuel: 0, outputs: [{ path: '/out' }] },
    })
    expect(log).toContain('byte 0')
  })

  test('fails a run whose module is not there any more', async () => {
    const task = taskOf([program('gone', [])])
    const returned = await run(pool, task, { module: async () => undefined })
    expect(returned).toEqual({ type: 'failed', reason: 'unavailable' })
  })

  test('ends at the deadline what does not end, and goes on with the same process', async () => {
    await run(pool, quick)
    const before = pool.pids.toSorted()
    const returned = await run(pool, endless, { deadlineMs: 300 })
    expect(returned).toEqual({ type: 'failed', reason: 'timeout' })
    expect((await run(pool, quick)).type).toBe('ran')
    expect(pool.pids.toSorted()).toEqual(before)
  })

  test('ends what nobody wants any more', async () => {
    const abort = new AbortController()
    const running = run(pool, loud, { signal: abort.signal, onLog: () => abort.abort() })
    expect(await running).toEqual({ type: 'failed', reason: 'killed' })
    expect(await run(pool, quick, { signal: abort.signal })).toEqual(await running)
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('lets a run wait for a child, and gives up one that nobody waits for', async () => {
    const abort = new AbortController()
    const all = [endless, endless].map((task) => run(pool, task, { signal: abort.signal }))
    const unwanted = new AbortController()
    const waiting = run(pool, quick)
    const left = run(pool, quick, { signal: unwanted.signal })
    unwanted.abort()
    expect(await left).toEqual({ type: 'failed', reason: 'killed' })
    abort.abort()
    await Promise.all(all)
    expect((await waiting).type).toBe('ran')
  })
})

describe('tasks in one lane', () => {
  const both = (pool: Pool, tasks: readonly Task[], more: Partial<RunOptions> = {}) => {
    return Promise.all(
      tasks.map((task, i) => run(pool, task, { key: `${i}`, lane: 'a lane', ...more })),
    )
  }
  const beside = { type: 'failed', reason: 'beside' }

  test('run one after the other in one child, and give what each gives alone', async () => {
    await using pool = new Pool(2)
    const tasks = [3, 4, 5].map((code) => taskOf([program('probes', ['exit', String(code)])]))
    const codes = [3, 4, 5].map((code) => ({ ran: { ended: { type: 'exit', code } } }))
    expect(await both(pool, tasks)).toMatchObject(codes)
    expect(pool.pids).toHaveLength(1)
    expect(await both(pool, tasks)).toMatchObject(codes)
  })

  test('of which one does not end are ended soon, and none is to blame', async () => {
    await using pool = new Pool(1)
    expect(await both(pool, [endless, quick])).toEqual([beside, beside])
    expect(await run(pool, endless, { deadlineMs: 300 })).toMatchObject({ reason: 'timeout' })
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('of which one is not wanted any more are free to run again', async () => {
    await using pool = new Pool(1)
    const abort = new AbortController()
    const unwanted = run(pool, loud, {
      ...{ key: 'a', lane: 'a lane', signal: abort.signal },
      onLog: () => abort.abort(),
    })
    const other = run(pool, quick, { key: 'b', lane: 'a lane' })
    expect(await Promise.all([unwanted, other])).toEqual([
      { type: 'failed', reason: 'killed' },
      beside,
    ])
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('whose child dies are no failures', async () => {
    await using pool = new Pool(1)
    const kill = () => process.kill(pool.pids[0] ?? 0, 'SIGKILL')
    expect(await both(pool, [loud, quick], { onLog: kill })).toEqual([beside, beside])
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('fail alike when their module is not there any more', async () => {
    await using pool = new Pool(1)
    const gone = taskOf([program('gone', [])])
    const unavailable = { type: 'failed', reason: 'unavailable' }
    const found = await both(pool, [gone, gone], { module: async () => undefined })
    expect(found).toEqual([unavailable, unavailable])
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test.skipIf(!isLinux)('stand still together', async () => {
    await using pool = new Pool(1)
    pool.freeze('1')
    const running = both(pool, [quick, quick])
    await until(() => pool.pids.some((pid) => stateOf(pid) === 'T'))
    expect(await Promise.race([running, after(600)])).toBe('later')
    pool.thaw('1')
    expect(await running).toMatchObject([{ type: 'ran' }, { type: 'ran' }])
  })
})

test.skipIf(!isLinux)(
  'children stand behind all others with each thread, once they are told',
  async () => {
    await using pool = new Pool(2)
    await run(pool, quick)
    expect(prioritiesOf(pool)).toEqual([getPriority()])
    pool.standBehind()
    expect(prioritiesOf(pool)).toEqual([constants.priority.PRIORITY_LOW])
    await Promise.all([run(pool, quick), run(pool, quick, { key: 'another' })])
    expect(pool.pids).toHaveLength(2)
    expect(prioritiesOf(pool)).toEqual([constants.priority.PRIORITY_LOW])
    for (const pid of pool.pids) {
      const group = `/proc/${pid}/autogroup`
      if (existsSync(group)) expect(readFileSync(group, 'utf8')).toMatch(/nice 19$/m)
    }
  },
)

describe('a child that dies', () => {
  test('takes its own run with it and no other, and is replaced', async () => {
    await using pool = new Pool(2)
    const begun = Promise.withResolvers<void>()
    const dying = run(pool, loud, { onLog: () => begun.resolve() })
    await begun.promise
    const [dead] = pool.pids
    const living = run(pool, quick)
    process.kill(dead ?? 0, 'SIGKILL')
    expect(await dying).toEqual({ type: 'failed', reason: 'memory' })
    expect((await living).type).toBe('ran')
    expect((await run(pool, quick)).type).toBe('ran')
    expect(pool.pids).not.toContain(dead)
  })

  test('that the system cannot begin fails its run, and leaves its place to the next', async () => {
    await using pool = new Pool(1)
    const { execPath } = process
    process.execPath = '/nowhere/node'
    const failing = run(pool, quick)
    process.execPath = execPath
    expect(await failing).toEqual({ type: 'failed', reason: 'unavailable' })
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('of a flag that Node.js does not have fails each run, and not for ever', async () => {
    await using pool = new Pool(1, ['--no-such-flag'])
    expect(await run(pool, quick)).toEqual({ type: 'failed', reason: 'unavailable' })
    expect(await run(pool, quick)).toEqual({ type: 'failed', reason: 'unavailable' })
  })
})

describe.skipIf(!isLinux)('a child that stands still', () => {
  test('is killed at the deadline when it does not obey', async () => {
    await using pool = new Pool(1)
    const begun = Promise.withResolvers<void>()
    const stopped = run(pool, loud, { deadlineMs: 2000, onLog: () => begun.resolve() })
    await begun.promise
    process.kill(pool.pids[0] ?? 0, 'SIGSTOP')
    expect(await stopped).toEqual({ type: 'failed', reason: 'timeout' })
    expect((await run(pool, quick)).type).toBe('ran')
  })

  test('needs no processor and no time of its own until it is thawed', async () => {
    await using pool = new Pool(1)
    const begun = Promise.withResolvers<void>()
    const deadlineMs = 1000
    const running = run(pool, loud, { key: 'a', deadlineMs, onLog: () => begun.resolve() })
    await begun.promise
    pool.freeze('a')
    const [pid = 0] = pool.pids
    await until(() => stateOf(pid) === 'T')
    const before = ticksOf(pid)
    expect(await Promise.race([running, after(1.5 * deadlineMs)])).toBe('later')
    expect(ticksOf(pid)).toBe(before)
    pool.thaw('a')
    expect(await running).toEqual({ type: 'failed', reason: 'timeout' })
  })

  test('is killed at once when nobody wants it any more', async () => {
    await using pool = new Pool(1)
    const abort = new AbortController()
    // Frozen before there is a child for it.
    const running = run(pool, quick, { key: 'a', signal: abort.signal })
    pool.freeze('a')
    await until(() => pool.pids.some((pid) => stateOf(pid) === 'T'))
    abort.abort()
    expect(await running).toEqual({ type: 'failed', reason: 'killed' })
  })

  test('uses no more than its share of a core, and has its time for longer', async () => {
    await using pool = new Pool(1)
    const begun = Promise.withResolvers<void>()
    const abort = new AbortController()
    const onLog = () => begun.resolve()
    const running = run(pool, loud, { signal: abort.signal, deadlineMs: 1500, onLog })
    await begun.promise
    const [pid = 0] = pool.pids
    pool.pace(25)
    const [before, from] = [ticksOf(pid), performance.now()]
    await after(2000)
    // Ten milliseconds are a tick. A busy machine gives less; more is what must not be.
    const share = ((ticksOf(pid) - before) * 10) / (performance.now() - from)
    expect(share).toBeGreaterThan(0)
    expect(share).toBeLessThan(0.3)
    pool.pace(100)
    await until(() => stateOf(pid) !== 'T')
    abort.abort()
    expect(await running).toEqual({ type: 'failed', reason: 'killed' })
  })
})

const quick = taskOf([program('probes', ['exit', '3'])])
const endless = taskOf([program('probes', ['loop'])], { fuel: 2 ** 49 })
/** Says something, and then does not end. */
const loud = taskOf(
  [program('probes', ['surroundings'], { ignoreError: true }), program('probes', ['loop'])],
  { fuel: 2 ** 49 },
)

function copyOf(bytes: Uint8Array): Task {
  const copy = program('probes', ['copy'], { stdin: '/in/data', stdout: '/out/data' })
  return taskOf([copy], { files: [{ path: '/in/data', bytes }] })
}

function run(pool: Pool, task: Task, options: Partial<RunOptions> = {}): Promise<Returned> {
  return pool.run(task, {
    key: 'a run',
    deadlineMs: 100_000,
    signal: never,
    onLog: () => undefined,
    module: async () => moduleBytes('probes'),
    ...options,
  })
}

/** How the system shows a process: R runs, S sleeps, T stands still. */
function stateOf(pid: number): string {
  return fieldsOf(pid)[0] ?? ''
}

/** Hundredths of a second that a process has used. */
function ticksOf(pid: number): number {
  const fields = fieldsOf(pid)
  return Number(fields[11]) + Number(fields[12])
}

function fieldsOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** The priorities of all threads in which modules run. */
function prioritiesOf(pool: Pool): readonly number[] {
  const threads = pool.pids.flatMap((pid) => {
    return readdirSync(`/proc/${pid}/task`).map((thread) => Number(thread))
  })
  return [...new Set(threads.map(getPriority))]
}

function after(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve('later'), ms))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await after(5)
}
