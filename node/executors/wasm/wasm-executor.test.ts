import { encode, jobSchema, limits, manifestSchema, resultId } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Content, Executed, Executor, Room, UnitSpec } from '../executor.ts'
import { manifestOf } from '../manifest.ts'
import { childFlags } from './pool/child-process.ts'
import { Pool } from './pool/pool.ts'
import { taskOf } from './run/task-of.ts'
import { bytesOf, moduleBytes, runHere, textAt } from './test/cast.ts'
import { addOutput, Fetched, fileCid, probe, unitOf } from './test/job.ts'
import { openWasmExecutor } from './wasm-executor.ts'

const never = new AbortController().signal
const fetched = new Fetched()

/** A unit that asks for all that could differ: clocks, chance, variables, listings, inputs. */
const curious = unitOf(
  {
    executors: [
      probe(['surroundings'], { env: { B: '{{seed}}', A: '{{unit}}' }, stdout: '/out/around.txt' }),
      probe(['copy'], { stdin: '/in/some/a.txt', stdout: '/scratch/copy' }),
      probe(['copy'], { stdin: '/scratch/copy', stdout: '/out/copy.txt' }),
      probe(['write', '/out/logs/debug.txt', 'debug']),
    ],
    inputs: [
      {
        path: '/in/some',
        kind: 'directory',
        from: { type: 'cid', cid: fetched.addDirectory([fileAt('b/c.txt'), fileAt('a.txt')]) },
      },
      { path: '/in/text', kind: 'file', from: { type: 'text', text: 'unit {{unit}}' } },
      { path: '/tmp/bytes', kind: 'file', from: { type: 'bytes', bytes: bytesOf('xyz') } },
    ],
    outputs: [
      { kind: 'file', path: '/out/around.txt' },
      { kind: 'file', path: '/out/copy.txt' },
      { kind: 'directory', path: '/out/logs' },
    ],
    volumes: ['/scratch/deep/down'],
    sweep: [{ name: 'seed', type: 'range', digits: 0, from: 1, step: 1, count: 9 }],
  },
  3,
)

describe('a unit of a job', () => {
  let executor: Executor

  beforeAll(() => {
    executor = openWasmExecutor(2, fetched)
  })
  afterAll(() => executor[Symbol.asyncDispose]())

  test('runs with what its parameters say, and leaves a manifest', async () => {
    expect(encode(jobSchema, curious.job).length).toBeGreaterThan(0)
    const ran = await runOf(executor, curious)
    expect(ran.ended).toEqual({ type: 'exit', executor: 3, code: 0 })
    const around = textAt(ran, '/out/around.txt') ?? ''
    expect(around).toContain('argument surroundings\nvariable A=3\nvariable B=4\nclock 0')
    expect(around).toContain(`clock 0 ${curious.job.issued}`)
    expect(textAt(ran, '/out/copy.txt')).toBe('content of a.txt')
    const manifest = await manifestOf(curious, ran, addOutput)
    expect(encode(manifestSchema, manifest).length).toBeGreaterThan(0)
    expect(manifest.outcome).toMatchObject({ job: curious.id, unit: 3, fuel: ran.fuel })
    expect(manifest.outcome.outputs.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/out/around.txt', around.length],
      ['/out/copy.txt', 16],
      ['/out/logs', 5],
    ])
    expect(manifest.outcome.outputs[1]?.cid).toBe(fileCid(bytesOf('content of a.txt')))
    expect(manifest.whole).toEqual([])
    expect(manifest.remarks.ramBytesPeak).toBeGreaterThan(2 ** 16)
  })

  test('has the same result here, by the first compiler, and elsewhere by the second', async () => {
    const task = await taskOf(curious, fetched)
    if (task === undefined) throw new Error('the unit cannot be run')
    const results = [resultId((await manifestOf(curious, here(task), addOutput)).outcome)]
    for (const flags of [[], ['--no-liftoff']]) {
      await using pool = new Pool(1, [...childFlags, ...flags])
      for (let again = 0; again < 2; again++) {
        const options = { key: 'x', deadlineMs: 60_000, signal: never, onLog: () => undefined }
        const module = async () => moduleBytes('probes')
        const returned = await pool.run(task, { ...options, module })
        if (returned.type === 'failed') throw new Error(`the machine failed: ${returned.reason}`)
        const { outcome } = await manifestOf(curious, remarked(returned.ran), addOutput)
        results.push(resultId(outcome))
      }
    }
    const { outcome } = await manifestOf(curious, await runOf(executor, curious), addOutput)
    expect(new Set([...results, resultId(outcome)])).toEqual(new Set([results[0]]))
  })

  test('and other units of the same job have others', async () => {
    const other = { ...curious, unit: 4 }
    const [one, two] = [await runOf(executor, curious), await runOf(executor, other)]
    expect(textAt(one, '/out/around.txt')).not.toBe(textAt(two, '/out/around.txt'))
  })

  test('does not depend on the order in which variables are held', async () => {
    const turned = structuredClone(curious)
    const [first] = turned.job.executors
    if (first === undefined) throw new Error('no program')
    Object.assign(first, { env: { A: '{{unit}}', B: '{{seed}}' } })
    expect(await taskOf(turned, fetched)).toEqual(await taskOf(curious, fetched))
  })

  test('does not depend on the order in which a directory is given', async () => {
    const turned: Content = {
      file: (cid, room, below) => fetched.file(cid, room, below),
      directory: async (cid) => (await fetched.directory(cid))?.toReversed(),
    }
    expect(await taskOf(curious, turned)).toEqual(await taskOf(curious, fetched))
  })

  test('leaves out what its job ignores, and tells of it beside', async () => {
    const unit = unitOf({
      executors: [
        probe(['write', '/out/a.txt', 'a'], { stderr: '/out/logs/err.txt' }),
        probe(['write', '/out/data/b.txt', 'b']),
        probe(['write', '/out/data/c.log', 'c']),
      ],
      outputs: [
        { kind: 'directory', path: '/out/data' },
        { kind: 'file', path: '/out/logs/err.txt' },
        { kind: 'file', path: '/out/a.txt' },
      ],
      compare: [
        { type: 'ignore', path: '/out/logs' },
        { type: 'ignore', path: '/out/data/c.log' },
      ],
    })
    const ran = await runOf(executor, unit)
    const { outcome, whole } = await manifestOf(unit, ran, addOutput)
    expect(outcome.outputs.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/out/a.txt', 1],
      ['/out/data', 1],
    ])
    expect(whole.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/out/data', 2],
      ['/out/logs/err.txt', 0],
    ])
  })

  test('ends when its time is over', async () => {
    const { resources } = curious.job
    const slow = unitOf({
      executors: [probe(['loop'])],
      resources: { ...resources, fuel: 2 ** 49, unitMs: 200 },
    })
    const ended = await executor.run(slow, never, () => undefined)
    expect(ended).toEqual({ type: 'failed', reason: 'timeout' })
  })

  test.each([
    ['lies in another file', ['a', 'a/b']],
    ['differs from another in case alone', ['data/a', 'DATA/b']],
    ['is there in two spellings', ['a', 'A']],
    ['has a name that no sandbox has', ['a b']],
    ['leads out', ['../a']],
  ])('is not run if an input %s', async (_, paths) => {
    const cid = fetched.addDirectory(paths.map((path) => fileAt(path)))
    const from = { type: 'cid', cid } as const
    const unit = unitOf({
      executors: [probe(['exit', '0'])],
      inputs: [{ path: '/in/some', kind: 'directory', from }],
    })
    const ended = await executor.run(unit, never, () => undefined)
    expect(ended).toEqual({ type: 'failed', reason: 'unavailable' })
  })

  test('is not run if its inputs together are more than it may have in memory', async () => {
    const inputs = ['/in/a', '/in/b'].map((path) => {
      const from = { type: 'cid', cid: fetched.addFile(new Uint8Array(600_000)) } as const
      return { path, kind: 'file', from } as const
    })
    const executors = [probe(['exit', '0'])]
    const [first] = inputs
    if (first === undefined) throw new Error('no input')
    await runOf(executor, unitOf({ executors, inputs: [first] }))
    const ended = await executor.run(unitOf({ executors, inputs }), never, () => undefined)
    expect(ended).toEqual({ type: 'failed', reason: 'unavailable' })
  })

  test('reads no more of its inputs than memory is meant for, whatever its job says', async () => {
    const rooms: Room[] = []
    const measured: Content = {
      file: async (_, room) => {
        rooms.push(room)
        return new Uint8Array(1000)
      },
      directory: async () => undefined,
    }
    const from = { type: 'cid', cid: fileCid(bytesOf('anything')) } as const
    const inputs = ['/in/a', '/in/b'].map((path) => ({ path, kind: 'file', from }) as const)
    const resources = { ...curious.job.resources, diskBytes: 10 ** 13 }
    await taskOf(unitOf({ executors: [probe(['exit', '0'])], inputs, resources }), measured)
    const { wasmFileBytesMax, wasmInputFilesMax } = limits
    expect(rooms).toEqual([
      { bytesMax: wasmFileBytesMax, filesMax: wasmInputFilesMax },
      { bytesMax: wasmFileBytesMax - 1000, filesMax: wasmInputFilesMax - 1 },
    ])
  })

  test('is not run without its inputs', async () => {
    const from = { type: 'cid', cid: fileCid(bytesOf('nowhere')) } as const
    const unit = unitOf({
      executors: [probe(['exit', '0'])],
      inputs: [{ path: '/in/some', kind: 'file', from }],
    })
    const ended = await executor.run(unit, never, () => undefined)
    expect(ended).toEqual({ type: 'failed', reason: 'unavailable' })
  })

  test('is measured against a known answer, and the speed is what an offer says', async () => {
    const capability = await executor.probe(never)
    expect(capability).toMatchObject({ type: 'wasm', profile: 1 })
    expect(capability?.type === 'wasm' && capability.fuelPerSecond).toBeGreaterThan(10 ** 7)
  })
})

function fileAt(path: string) {
  return { path, bytes: bytesOf(`content of ${path}`) }
}

function here(task: Parameters<typeof runHere>[0]) {
  const programs = task.programs.map((one) => ({ ...one, module: 'probes' }))
  return remarked(runHere({ ...task, programs }).ran)
}

/** What differs between machines: nothing of it may get into an outcome. */
function remarked(ran: ReturnType<typeof runHere>['ran']): Extract<Executed, { type: 'ran' }> {
  const { ended, fuel, outputs, ramBytesPeak } = ran
  const remarks = { wallMs: outputs.length, cpuMs: 7, ramBytesPeak }
  return { type: 'ran', ended, fuel, outputs, remarks }
}

async function runOf(executor: Executor, unit: UnitSpec) {
  const ran = await executor.run(unit, never, () => undefined)
  if (ran.type === 'failed') throw new Error(`the machine failed: ${ran.reason}`)
  return ran
}
