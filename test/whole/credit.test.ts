import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type as typeIn } from '../../cli/test/typed.ts'
import { openHttp } from '../../coordinator/shell/index.ts'
import type { JobId, NodeId } from '../../specs/index.ts'
import { MeshHere } from './mesh-here.ts'

const units = 3

let home = ''
let mesh: MeshHere
let job: JobId
let node: NodeId

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-credit-'))
  mesh = await MeshHere.open()
  // Of the mesh's own, so that what the other earns is soon its own.
  await mesh.claim('ann')
  job = await mesh.publishPi(units, 200_000, null)
  mesh.start('ann')
  const told = await mesh.start('bob').tells('opening')
  node = told.node as NodeId
  expect(await mesh.ended(job)).toBe('final')
})

afterAll(async () => {
  await mesh[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

const typed = (...args: readonly string[]) => {
  return typeIn(home, args, { NEXAPOD_MESH: mesh.coordinator.invitation() })
}

interface Move {
  readonly purpose: string
  readonly micro: number
  readonly stage: string
  readonly job: string
  readonly unit: number
}

describe('credit', () => {
  test('has a history that says of each unit what became of it, and adds up', async () => {
    const { exit, said } = await typed('credit', 'history', node, '--json')
    const moves: Move[] = said.moves
    expect({ exit, units: moves.map(({ unit }) => unit).sort() }).toEqual({
      exit: 0,
      units: [0, 1, 2],
    })
    for (const one of moves) expect(one).toMatchObject({ purpose: 'earn', job })
    const sum = moves.reduce((all, { micro }) => all + micro, 0)
    expect(sum).toBe(await mesh.earned(node))
    const { out, err } = await typed('credit', 'history', node)
    expect(out).toMatch(/^\d+ +20\S+ +\+0\.\d{6} +earn +[0-9a-f]{12} \d +(bonded|final) in \d+$/m)
    expect(err).toMatch(/credits final.*counted from \d+ entries/)
  })

  test('is shown to follow from the chain, and who has signed that', async () => {
    const { exit, out } = await typed('credit', 'verify', node)
    expect(exit).toBe(0)
    expect(out).toContain(`verified    ${node} has`)
    expect(out).toMatch(/^quorum +1 of the 1 in the roster signed, 1 must$/m)
    expect((await typed('credit', 'verify', 'nobody')).exit).toBe(2)
  })

  test('of who has none has no history', async () => {
    const { exit, said } = await typed('credit', 'history', '--json')
    expect({ exit, moves: said.moves }).toEqual({ exit: 0, moves: [] })
  })
})

describe('coordinator status', () => {
  test('says who coordinates, where the chain stands and who signed it', async () => {
    const { coordinator } = mesh
    const quiet = () => {}
    await using http = await openHttp(coordinator, {
      ...{ host: '127.0.0.1', port: 0, origins: [], directory: join(home, 'http') },
      log: { info: quiet, warn: quiet, error: quiet },
    })
    const { exit, said } = await typed('coordinator', 'status', '--json', '--http', http.address)
    expect({ exit, said }).toMatchObject({
      exit: 0,
      said: { mesh: 'whole', http: { nodes: 2, jobs: 0, draining: false } },
    })
    const [only] = said.coordinators
    expect(only).toMatchObject({ takesJobs: true, signers: [coordinator.id] })
    expect(only.checkpoint.size).toBeGreaterThan(0)
    expect(only.ageMs).toBeGreaterThan(0)
    await http[Symbol.asyncDispose]()
    const gone = await typed('coordinator', 'status', '--http', http.address)
    expect(gone).toMatchObject({ exit: 1, err: expect.stringContaining('ECONNREFUSED') })
  })
})

describe('a job', () => {
  test('is made and not sent, is said by its id alone, and followed to its end', async () => {
    const directory = join(home, 'pi')
    await mkdir(directory)
    await copyFile(
      join(import.meta.dirname, '../../examples/pi/pi.wasm'),
      join(directory, 'pi.wasm'),
    )
    const file = join(directory, 'job.yaml')
    await writeFile(
      file,
      `nexapod: v1
name: Short pi
executors:
  - module: ./pi.wasm
    command: ['--seed', '{{seed}}', '--points', '1000']
    stdout: /out/pi.csv
outputs: [{ path: /out/pi.csv }]
sweep: { seed: [1, 2] }
`,
    )
    const { exit, said } = await typed('job', 'submit', file, '--dry-run', '--json')
    expect({ exit, said }).toMatchObject({ exit: 0, said: { units: 2, first: { seed: '1' } } })
    expect(said.data).toHaveLength(1)
    expect((await typed('job', 'list', '--json')).said).toEqual([])
    const { out, err } = await typed('job', 'submit', file, '--id-only')
    expect(out).toMatch(/^[0-9a-f]{64}\n$/)
    expect(err).toBe('')
    const followed = await typed('job', 'show', out.slice(0, 8), '--follow')
    expect(followed.exit).toBe(0)
    expect(followed.out.trim().split('\n').at(-1)).toBe(`${out.slice(0, 12)}  ended, 2/2 accepted`)
  })
})
