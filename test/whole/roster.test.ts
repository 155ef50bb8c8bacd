import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CoordinatorProcess } from './coordinator-process.ts'
import { NodeProcess } from './mesh-here.ts'
import { type } from './typed.ts'

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
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

test('a mesh of one becomes three by what is typed, and two again', {
  timeout: 180_000,
}, async () => {
  const kim = coordinator('kim')
  const { invitation, coordinator: first } = await kim.begun
  const typed = (...args: string[]) => type(home, args, { NEXAPOD_MESH: invitation })
  for (const name of ['ann', 'bob']) {
    const node = new NodeProcess(join(home, name), invitation)
    ending.push(() => node.end('SIGKILL'))
  }
  const long = await typed('job', 'submit', await described('long', 60), '--id-only')
  expect(long).toMatchObject({ exit: 0 })

  // Lea waits until the roster names her; what is to be typed is said where she begins.
  const lea = coordinator('lea', ['--join', invitation])
  const key = await until(
    () => readFile(join(lea.directory, 'key'), 'utf8').catch(() => ''),
    (text) => text.length > 0,
  )
  expect(key).not.toBe('')
  const said = await typed('coordinator', 'up', '--join', 'nexapod://mesh/nowhere/aaaa')
  expect(said.exit).toBe(1)
  const second = await keyIn(typed, 'lea')
  const add = ['--add', `${second}@/ip4/127.0.0.1/tcp/4999`]
  const one = ['coordinator', 'roster']
  expect((await typed(...one, 'propose', 'one.json')).exit).toBe(2)
  expect((await typed(...one, 'propose', 'one.json', ...add, '--rates', '{}')).exit).toBe(2)
  const proposed = await typed(...one, 'propose', 'one.json', ...add, '--dir', 'kim', '--json')
  expect(proposed.said).toMatchObject({ type: 'roster', revision: 1, signers: [first] })
  // Who does not sign it is told who does.
  const stranger = await typed(...one, 'sign', 'one.json', '--dir', 'lea')
  expect(stranger).toMatchObject({ exit: 4, err: expect.stringContaining(first) })
  const signed = await typed(...one, 'sign', 'one.json', '--dir', 'kim', '--publish', '--json')
  expect(signed).toMatchObject({ exit: 0 })
  expect(signed.said.coordinators).toMatchObject([{ coordinator: first }])
  await lea.begun
  const two = await typed(...one, 'show', '--json')
  expect(two.said).toMatchObject({ revision: 1, quorum: 2 })

  // Another change of the same revision is not signed.
  const other = JSON.parse(await readFile(join(home, 'one.json'), 'utf8'))
  const changed = { ...other, says: { ...other.says, issued: other.says.issued + 1 } }
  await writeFile(join(home, 'other.json'), JSON.stringify({ ...changed, signatures: {} }))
  const twice = await typed(...one, 'sign', 'other.json', '--dir', 'kim')
  expect(twice).toMatchObject({ exit: 4, err: expect.stringContaining('lie') })
  await writeFile(join(home, 'forged.json'), JSON.stringify(changed))
  expect((await typed(...one, 'sign', 'forged.json', '--dir', 'kim')).exit).toBe(4)
})

/** The key of a coordinator, as `coordinator up --join` would tell it. */
async function keyIn(
  typed: (...args: string[]) => ReturnType<typeof type>,
  name: string,
): Promise<string> {
  const { seedIn } = await import('../../mesh/index.ts')
  const { ed25519 } = await import('../../specs/index.ts')
  const seed = await seedIn(join(home, name, 'key'))
  expect(typed).toBeDefined()
  return seed.ok ? ed25519.signer(seed.value).id : ''
}
