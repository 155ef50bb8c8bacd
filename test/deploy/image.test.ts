import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../coordinator/test/ports.ts'
import { type Packed, pack } from '../../node/executors/docker/tar.ts'
import { authorities, missing } from '../config.ts'
import { EngineHere, hasEngine } from '../docker/engine.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe.skipIf(missing('docker', hasEngine))('the image', () => {
  let engine: EngineHere

  beforeAll(async () => {
    engine = await EngineHere.open()
    await baseIn(engine)
    await buildIn(engine)
  }, 600_000)
  afterAll(() => engine[Symbol.asyncDispose](), 60_000)

  test('is built by its file from what is in the repository, and knows its verbs', async () => {
    const { exit, said } = await runIn(engine, ['--help'])
    expect(said).toContain('Usage: nexapod')
    expect(exit).toBe(0)
  })

  test('coordinates as nobody in particular, writing nowhere but its volume', async () => {
    const port = await freePort()
    const http = `127.0.0.1:${port}`
    const args = ['coordinator', 'up', '--dir=/data/coordinator', `--http=${http}`]
    const container = await engine.docker.createContainer({
      Image: 'nexapod',
      Cmd: [...args, '--listen=/ip4/127.0.0.1/tcp/0'],
      HostConfig: {
        ...{ NetworkMode: 'host', ReadonlyRootfs: true, CapDrop: ['ALL'] },
        Tmpfs: { '/tmp': 'size=64m' },
      },
    })
    await container.start()
    await expect.poll(() => answerOf(`http://${http}/readyz`), { timeout: 60_000 }).toBe(200)
    // The wall was built with it: there is nowhere to build it now.
    expect(await answerOf(`http://${http}/`)).toBe(200)
    expect((await container.inspect()).Config.User).toBe('10001:10001')
    await container.stop({ t: 30 })
    const { State } = await container.inspect()
    expect(State.ExitCode).toBe(0)
  })
})

async function answerOf(address: string): Promise<number> {
  return await fetch(address).then(
    ({ status }) => status,
    () => 0,
  )
}

/** What a container says, and what it ends with. */
async function runIn({ docker }: EngineHere, command: readonly string[]) {
  const container = await docker.createContainer({
    Image: 'nexapod',
    ...{ Cmd: [...command], Tty: true },
    HostConfig: { NetworkMode: 'none', ReadonlyRootfs: true, Tmpfs: { '/tmp': 'size=64m' } },
  })
  await container.start()
  const { StatusCode } = await container.wait()
  const log = await container.logs({ stdout: true, stderr: true })
  return { exit: StatusCode as number, said: log.toString('utf8') }
}

/** Builds from the files that are committed or will be, as `docker build` does. */
async function buildIn({ docker }: EngineHere): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'nexapod-context-'))
  const file = join(scratch, 'context.tar')
  const args = ['-c', `git ls-files -co --exclude-standard ':!test' | tar cf ${file} -T -`]
  expect(spawnSync('/bin/sh', args, { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0 })
  const said = await docker.buildImage(createReadStream(file), {
    ...{ t: 'nexapod', dockerfile: 'deploy/Dockerfile', networkmode: 'host' },
  })
  let text = ''
  for await (const bytes of said) text += String(bytes)
  await rm(scratch, { recursive: true })
  expect(text.slice(-2000)).toContain('Successfully tagged nexapod')
}

/**
 * An image by the name of that which ours stands on, since that one cannot be pulled everywhere:
 * the Node.js that the workspace installed, the npm of this machine, and busybox for the rest. What
 * npm is told on this machine it is told there.
 */
async function baseIn({ docker }: EngineHere): Promise<void> {
  const npm = dirname(dirname(await realpath(spoken('which', 'npx'))))
  const told = [
    join(homedir(), '.npmrc'),
    '/etc/npmrc',
    ...(authorities === undefined ? [] : [authorities]),
  ]
  const libraries = spoken('ldd', process.execPath).match(/\/\S+/g) ?? []
  // What pnpm is linked to, beside that.
  const beside = ['librt.so.1', 'libresolv.so.2', 'libnss_dns.so.2'].map((name) => {
    return join(dirname(libraries.find((path) => path.includes('/libc.so')) ?? '/lib'), name)
  })
  const copied = [...libraries, ...beside, ...told].filter((path) => existsSync(path))
  const npmFiles = (await readdir(npm, { recursive: true, withFileTypes: true }))
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
  const tools = ['sh', 'env', 'mkdir', 'chown', 'cat', 'rm']
  const things = [
    { path: 'tmp', mode: 0o1777, owner: 0, seconds: 0 },
    ...(await Promise.all([
      ...tools.map((name) => file('/bin/busybox', `bin/${name}`)),
      file('/bin/busybox', 'usr/bin/env'),
      file(process.execPath, 'usr/local/bin/node'),
      ...copied.map((path) => file(path, path.slice(1))),
      ...npmFiles.map((path) => file(path, `usr/local/npm${path.slice(npm.length)}`)),
    ])),
    executable('etc/passwd', `root:x:0:0:root:${homedir()}:/bin/sh\n`),
    executable('usr/local/bin/npx', '#!/bin/sh\nexec node /usr/local/npm/bin/npx-cli.js "$@"\n'),
  ]
  const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/bin', `ENV HOME=${homedir()}`]
  if (authorities !== undefined) changes.push(`ENV NODE_EXTRA_CA_CERTS=${authorities}`)
  const said = await docker.importImage(Readable.from(pack(things)), {
    ...{ changes, repo: 'node', tag: '24-bookworm-slim' },
  })
  let text = ''
  for await (const bytes of said as Readable) text += String(bytes)
  expect(text).toContain('sha256:')
}

async function file(from: string, path: string): Promise<Packed> {
  return executable(path, await readFile(from))
}

function executable(path: string, content: string | Uint8Array): Packed {
  return { path, content: Buffer.from(content), mode: 0o755, owner: 0, seconds: 0 }
}

function spoken(program: string, ...args: readonly string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim()
}
