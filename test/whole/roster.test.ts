import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type } from '../../cli/test/typed.ts'
import { freePorts } from '../../coordinator/test/ports.ts'
import { seedIn } from '../../mesh/index.ts'
import { type CoordinatorId, ed25519, formatInvitation } from '../../specs/index.ts'
import { CoordinatorProcess } from './coordinator-process.ts'
import { NodeProcess } from './mesh-here.ts'

const rates = { apart: 'owners', settleMs: 1000, auditPermille: 0 }
const pi = fileURLToPath(new URL('../../examples/pi/pi.wasm', import.meta.url))

let home = ''
const ending: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-roster-'))
  await copyFile(pi, join(home, 'pi.wasm'))
})

afterAll(async () => {
  for (const end of ending.reverse()) await end()
  await rm(home, { recursive: true, force: true })
})

/** A descriptor of so many units, each agreed on by two. */
async function described(name: string, units: number): Promise<string> {
  const lines = [
    'nexapod: v1',
    `name: ${name}`,
    'description: Pi, once more.',
    'project: pi',
    'executors:',
    '  - module: ./pi.wasm',
    '    command: [--seed, "{{seed}}", --points, "3000000"]',
    '    stdout: /out/pi.csv',
    'outputs:',
    '  - path: /out/pi.csv',
    'resources: { ram_gb: 0.064, disk_gb: 0.001, fuel: 100000000000, seconds: 600 }',
    'replicas: { quorum: 2, max: 6 }',
    'sweep:',
    `  seed: { from: 1, to: ${units} }`,
  ]
  await writeFile(join(home, `${name}.yaml`), `${lines.join('\n')}\n`)
  return `${name}.yaml`
}

/** A coordinator in a process of its own, whose key is made by it. */
function coordinator(name: string, more: readonly string[] = []) {
  const directory = join(home, name)
  const one = new CoordinatorProcess(directory, rates, more)
  ending.push(() => one.end('SIGKILL'))
  return { directory, one, begun: one.begin() }
}

/** Waits until something is so. */
async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (isSo(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

test('a mesh of one becomes three by what is typed, and two again', {
  timeout: 600_000,
}, async () => {
  const ports = await freePorts(3)
  const [at, there, beyond] = ports.map((port) => `/ip4/127.0.0.1/tcp/${port}`) as [
    string,
    ...string[],
  ]
  const kim = coordinator('kim', ['--listen', at])
  const { invitation, coordinator: first, mesh } = await kim.begun
  const typed = (...args: string[]) => type(home, args, { NEXAPOD_MESH: invitation })
  const roster = (...args: string[]) => typed('coordinator', 'roster', ...args)
  for (const name of ['ann', 'bob']) {
    const node = new NodeProcess(join(home, name), invitation)
    ending.push(() => node.end('SIGKILL'))
  }
  const long = await typed('job', 'submit', await described('long', 80), '--id-only')
  expect(long).toMatchObject({ exit: 0 })

  // Lea waits until the roster names her.
  const second = await keyOf('lea')
  const lea = coordinator('lea', ['--listen', `${there}`, '--join', invitation])
  const add = ['--add', `${second}@${there}`]
  expect((await roster('propose', 'one.json')).exit).toBe(2)
  expect((await roster('propose', 'one.json', ...add, '--rates', '{}')).exit).toBe(2)
  const proposed = await roster('propose', 'one.json', ...add, '--dir', 'kim', '--json')
  expect(proposed.said).toMatchObject({ type: 'roster', revision: 1, signers: [first] })
  // Who does not sign it is told who does.
  const stranger = await roster('sign', 'one.json', '--dir', 'lea')
  expect(stranger).toMatchObject({ exit: 4, err: expect.stringContaining(first) })
  const signed = await roster('sign', 'one.json', '--dir', 'kim', '--publish', '--json')
  expect(signed.said.coordinators).toEqual([{ coordinator: first, seq: expect.any(Number) }])
  const { chain } = await lea.begun

  // Mia has to be named by both. The file goes from one to the other.
  const third = await keyOf('mia')
  const mia = coordinator('mia', ['--listen', `${beyond}`, '--join', invitation])
  const next = ['--add', `${third}@${beyond}`, '--dir', 'kim', '--signer', first, second]
  expect((await roster('propose', 'two.json', ...next)).exit).toBe(0)
  const half = await roster('sign', 'two.json', '--dir', 'kim', '--publish')
  expect(half).toMatchObject({ exit: 1, err: expect.stringContaining(second) })
  expect((await roster('sign', 'two.json', '--dir', 'lea', '--publish')).exit).toBe(0)
  await mia.begun
  const three = await roster('show', '--json')
  expect(three.said).toMatchObject({ revision: 2, quorum: 2 })
  expect(three.said.members).toHaveLength(3)

  // An invitation of another day leads to those of today.
  const { said } = await typed('coordinator', 'status', '--json')
  const seen = said.coordinators.map((one: { coordinator: string }) => one.coordinator)
  expect(new Set(seen)).toEqual(new Set([first, second, third]))
  await refusesOthers(roster)

  // The nodes go on, and hear of both; a job at Lea's is done by them, and witnessed.
  const streams = async () => {
    const { said } = await typed('node', 'status', '--dir', 'ann', '--json')
    return new Set(said.coordinators.map((one: { coordinator: string }) => one.coordinator))
  }
  await until(streams, (known) => known.size === 3)
  const members = [{ coordinator: second, addresses: [`${there}`] }]
  const atLea = formatInvitation({ v: 1, mesh, name: 'whole', members })
  const toLea = (...args: string[]) => type(home, args, { NEXAPOD_MESH: atLea })
  const short = await toLea('job', 'submit', await described('short', 4), '--id-only')
  const done = await toLea('job', 'results', short.out.trim(), '--to', 'done', '--json')
  const ended = done.exit === 0 ? done : await waitedFor(toLea, short.out.trim())
  expect(ended.exit).toBe(0)
  expect(await typed('job', 'show', short.out.trim(), '--json')).toMatchObject({ exit: 0 })
  const verified = await type(home, ['verify', 'done', '--json'])
  expect(verified).toMatchObject({ exit: 0 })
  expect(verified.said.checkpoint).toMatchObject({ chain })

  // Lea leaves. What was begun at Kim's goes on to its end.
  const without = ['--remove', second, '--signer', first, third]
  expect((await roster('propose', 'three.json', ...without)).exit).toBe(0)
  expect((await roster('sign', 'three.json', '--dir', 'kim')).exit).toBe(0)
  expect((await roster('sign', 'three.json', '--dir', 'mia', '--publish')).exit).toBe(0)
  const left = await roster('show', '--json')
  expect(left.said).toMatchObject({ revision: 3, members: [{}, {}] })
  const rest = await typed('job', 'show', long.out.trim(), '--wait', '--json')
  expect(rest).toMatchObject({ exit: 0, said: { accepted: 80 } })
})

/** Another change of the same revision is not signed, nor is one that was changed since. */
async function refusesOthers(roster: (...args: string[]) => ReturnType<typeof type>) {
  const other = JSON.parse(await readFile(join(home, 'two.json'), 'utf8'))
  const changed = { ...other, says: { ...other.says, issued: other.says.issued + 1 } }
  await writeFile(join(home, 'other.json'), JSON.stringify({ ...changed, signatures: {} }))
  const twice = await roster('sign', 'other.json', '--dir', 'kim')
  expect(twice).toMatchObject({ exit: 4, err: expect.stringContaining('shown to lie') })
  await writeFile(join(home, 'forged.json'), JSON.stringify(changed))
  expect((await roster('sign', 'forged.json', '--dir', 'kim')).exit).toBe(4)
}

/** Waits for the results of a job. */
async function waitedFor(typed: (...args: string[]) => ReturnType<typeof type>, job: string) {
  expect((await typed('job', 'show', job, '--wait')).exit).toBe(0)
  return await typed('job', 'results', job, '--to', 'done')
}

/** The key of a coordinator that was not begun yet. */
async function keyOf(name: string): Promise<CoordinatorId> {
  const seed = await seedIn(join(home, name, 'key'))
  if (!seed.ok) throw new Error(seed.refusal.code)
  return ed25519.signer(seed.value).id as CoordinatorId
}
