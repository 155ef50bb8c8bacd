import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type } from '../../cli/test/typed.ts'
import { openHttp } from '../../coordinator/shell/index.ts'
import type { JobId } from '../../specs/index.ts'
import { MeshHere, NodeProcess } from './mesh-here.ts'

const units = 3

let home = ''
let mesh: MeshHere
let job: JobId
let begun: NodeProcess | undefined

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-verbs-'))
  mesh = await MeshHere.open()
  job = await mesh.publishPi(units, 20_000_000)
})

afterAll(async () => {
  // It has gone by then, if all went well.
  await begun?.end('SIGKILL')
  await mesh[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

/** What is typed, in a home where the mesh was named; gives what it exits with and what it says. */
async function typed(...args: readonly string[]) {
  return await type(home, args, { NEXAPOD_MESH: mesh.coordinator.invitation() })
}

describe('with nobody there', () => {
  test('a job says that no node is, and a unit that it was never given', async () => {
    const { exit, said } = await typed('job', 'why', job, '1', '--json')
    const unit = { unit: 1, stage: 'fresh', leased: 0, results: 0 }
    expect({ exit, said }).toMatchObject({
      exit: 0,
      said: { job, code: 'waits', words: 'No node is here.', fresh: units, fit: 0, unit },
    })
    expect((await typed('job', 'why', job, String(units))).exit).toBe(3)
    expect((await typed('job', 'why', job, 'first')).exit).toBe(2)
    expect((await typed('job', 'why', 'f'.repeat(64))).exit).toBe(3)
  })

  test('whoever waits for a job is told that no node can take it', async () => {
    const more = { NEXAPOD_MESH: mesh.coordinator.invitation() }
    const { exit, err } = await type(home, ['job', 'show', job, '--wait'], more, /next {2}nexapod/)
    expect(exit).toBe(130)
    expect(err).toContain(`no node can take it\nwaits: No node is here.\n`)
    expect(err).toContain(`next  nexapod job why ${job.slice(0, 12)}`)
  })

  test('no node answers, and it is said how to begin one', async () => {
    const { exit, err } = await typed('node', 'status')
    expect(exit).toBe(3)
    expect(err).toContain('nexapod node up')
  })
})

describe('data', () => {
  test('goes to a coordinator under its own name, and comes back the same', async () => {
    const quiet = () => {}
    await using http = await openHttp(mesh.coordinator, {
      ...{ host: '127.0.0.1', port: 0, origins: [], directory: join(home, 'http') },
      log: { info: quiet, warn: quiet, error: quiet },
    })
    const bytes = randomBytes(300_000)
    await writeFile(join(home, 'some'), bytes)
    const named = await typed('data', 'add', 'some', '--dry-run', '--json')
    const added = await typed('data', 'add', 'some', '--http', http.address, '--json')
    const [{ cid }] = named.said
    expect(named.said).toEqual([{ path: 'some', cid, bytes: bytes.length }])
    expect(added.said).toEqual([{ ...named.said[0], until: expect.any(Number) }])
    expect((await typed('data', 'get', cid, '--to', 'back')).exit).toBe(0)
    expect(await readFile(join(home, 'back'))).toEqual(bytes)
    // A directory has a name, and no upload.
    await mkdir(join(home, 'many'))
    await writeFile(join(home, 'many', 'some'), bytes)
    expect((await typed('data', 'add', 'many', '--dry-run')).out).toMatch(/^bafy\w+ {2}many$/m)
    expect((await typed('data', 'add', 'many', '--http', http.address)).exit).toBe(2)
    expect((await typed('data', 'add', 'none', '--dry-run')).exit).toBe(3)
    expect((await typed('data', 'add', 'some')).exit).toBe(2)
    await http[Symbol.asyncDispose]()
    const gone = await typed('data', 'add', 'some', '--http', http.address)
    expect(gone).toMatchObject({ exit: 1, err: expect.stringContaining('ECONNREFUSED') })
  })

  test('given to what is no coordinator is refused, with what answered', async () => {
    await using page = createServer((_, answer) => {
      answer.writeHead(502, { 'content-type': 'text/html' }).end('<p>somebody else</p>')
    }).listen(0, '127.0.0.1')
    await once(page, 'listening')
    const { port } = page.address() as { port: number }
    await writeFile(join(home, 'more'), 'more')
    const refused = await typed('data', 'add', 'more', '--http', `http://127.0.0.1:${port}`)
    const err = expect.stringContaining('is no coordinator: status 502')
    expect(refused).toMatchObject({ exit: 1, err })
  })
})

describe('one node', () => {
  test('says what it does, obeys its owner, and is why the job waits for another', async () => {
    const node = new NodeProcess(join(home, 'node'), mesh.coordinator.invitation())
    begun = node
    const { node: id } = await node.tells('executing').then(() => node.tells('opening'))
    const paused = await typed('node', 'pause', '--json')
    expect(paused).toMatchObject({ exit: 0, said: { node: id, owner: id, order: 'pause' } })
    const status = await typed('node', 'status', '--json')
    const { said } = status
    expect(said.idle[0]).toMatchObject({ code: 'paused', says: expect.stringMatching(/resume/) })
    expect(said.units.map(({ stage }: { stage: string }) => stage)).not.toContain('executing')
    expect(said.coordinators).toMatchObject([{ stage: 'open' }])
    expect((await typed('node', 'resume', '--json')).said.order).toBe('lend')
    // What is lent is changed while it runs, and it has it at once.
    expect(said.lends).toMatchObject({ inUse: true, cpuPercent: 100 })
    const set = await typed('node', 'limits', 'set', 'inUse.cpuPercent', '60', '%', '--json')
    expect(set.said).toMatchObject({ key: 'inUse.cpuPercent', value: 60, holds: 'now' })
    expect((await typed('node', 'status', '--json')).said.lends.cpuPercent).toBe(60)
    expect((await typed('node', 'limits', 'set', 'inUse.cpuPercent', '400')).exit).toBe(2)
    expect((await typed('node', 'status', '--json')).said.lends.cpuPercent).toBe(60)
    const docker = await typed('node', 'limits', 'set', 'executors.docker', 'yes')
    expect(docker.err).toContain('from the next start of the node on')
    const { said: unset } = await typed('node', 'limits', 'unset', 'inUse.cpuPercent', '--json')
    expect(unset).toMatchObject({ says: '100 %', from: 'usual', holds: 'now' })
    // By hand as well, when it is told so.
    await writeFile(join(home, 'node', 'limits.json'), '{"inUse":{"cores":1,"cpuPercent":90}}')
    expect((await typed('node', 'limits')).err).toContain('nexapod node limits reload')
    expect((await typed('node', 'limits', 'reload')).out).toMatch(/^inUse.cpuPercent +90 % +file$/m)
    expect((await typed('node', 'status', '--json')).said.lends.cpuPercent).toBe(90)
    await writeFile(join(home, 'node', 'limits.json'), '{"inUse":{"cores":"all"}}')
    expect((await typed('node', 'limits', 'reload')).err).toContain('At inUse.cores of ')
    expect((await typed('node', 'status', '--json')).said.lends.cpuPercent).toBe(90)
    await rm(join(home, 'node', 'limits.json'))
    expect((await typed('node', 'limits', 'reload')).exit).toBe(0)
    await node.tells('acknowledged')
    const { out } = await typed('node', 'status', '--credit')
    expect(out).toContain('lends itself')
    expect(out).toMatch(/\d results in .* [1-9]\d* acknowledged/)
    expect(out).toMatch(/credit 0\.000000 credits, counted from \d+ entries/)
    // Nobody else is there, and who has computed a unit cannot agree with itself.
    const why = await typed('job', 'why', job, '0', '--json')
    // It may still have its hands full beside.
    const against = expect.arrayContaining([expect.objectContaining({ code: 'apart', count: 1 })])
    expect(why).toMatchObject({ exit: 0, said: { unit: { stage: 'begun' }, fit: 0, against } })
    const { exit, said: found } = await typed('node', 'doctor', '--json')
    const [bad, locked] = [
      found.findings.filter((one: { found: string }) => one.found === 'bad'),
      found.findings.find((one: { check: string }) => one.check === 'lock'),
    ]
    expect({ exit, bad }).toEqual({ exit: 0, bad: [] })
    expect(locked.says).toContain('A node runs here')
    expect((await typed('node', 'finish')).exit).toBe(0)
    expect(await node.exit).toBe(0)
    expect((await typed('node', 'status')).exit).toBe(3)
  })

  test('is told by the doctor what keeps it from lending', async () => {
    await chmod(join(home, 'node', 'key'), 0o644)
    await writeFile(join(home, 'node', 'limits.json'), '{"idel":{}}')
    const { exit, out, err } = await typed('node', 'doctor')
    await chmod(join(home, 'node', 'key'), 0o600)
    expect(exit).toBe(1)
    expect(out).toMatch(/^limits +bad .*did you mean idle\?/m)
    expect(out).toMatch(/^key +bad +Others may read .* Run chmod 600/m)
    expect(out).toMatch(/^clock +good /m)
    expect(out).toMatch(/^wasm +good .*instructions a second/m)
    expect(err).toContain('why   key, limits')
  })
})
