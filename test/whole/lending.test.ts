import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CoordinatorId, ed25519, formatInvitation, type MeshId } from '../../specs/index.ts'
import { missing, pathBehind } from '../config.ts'

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/** Nobody is there: to lend is agreed to before anybody is dialled. */
function invitationTo(name: string, digit: string): string {
  const coordinator = ed25519.signer(new Uint8Array(32).fill(7)).id as CoordinatorId
  const members = [{ coordinator, addresses: ['/ip4/127.0.0.1/tcp/1'] }]
  return formatInvitation({ v: 1, mesh: digit.repeat(64) as MeshId, name, members })
}

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-lending-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

/** Runs a program to its end, and does each time what is to be done when it has said something. */
async function ran(
  program: readonly string[],
  ...does: readonly (readonly [when: RegExp, does: () => string | Promise<unknown>])[]
): Promise<Ran> {
  const [command = '', ...args] = program
  const env = {
    NEXAPOD_HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    PATH: pathBehind(home),
  }
  const child = spawn(command, args, { env, cwd: home, stdio: 'pipe' })
  let [out, err] = ['', '']
  const next = [...does]
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes
    if (!next[0]?.[0].test(out)) return
    const does = next.shift()?.[1]()
    if (typeof does === 'string') child.stdin.write(does)
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes
  })
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, out, err }
}

const command = (...args: readonly string[]) => [process.execPath, main, ...args]
const nexapod = (...args: readonly string[]) => ran(command(...args))

describe('to lend', () => {
  const mesh = ['--mesh', invitationTo('folding', 'a')]
  const agreed = () => readFile(join(home, 'node', 'agreed'), 'utf8')

  test('is not done unasked: without a terminal it is said what to type', async () => {
    const { exit, out, err } = await nexapod('node', 'up', ...mesh)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    for (const line of [
      /in use +\d+ cores? at 100 %, .* of memory/,
      /idle +\d+ cores? at 100 %, .* when nobody has for 5 min/,
      /hours +always/,
      /battery +never on it/,
      /disk +10 GB/,
      /runs +WebAssembly modules$/m,
      /for +all projects/,
      /To the mesh folding \(a{12}\)/,
      /next {2}nexapod node up --mesh nexapod:\S+ --yes,/,
    ]) {
      expect(err).toMatch(line)
    }
    await expect(stat(join(home, 'node'))).rejects.toThrow('ENOENT')
  })

  test('is refused with limits that are wrong, at their place', async () => {
    await nexapod('node', 'limits', 'set', 'gpus', '0')
    await writeFile(join(home, 'node', 'limits.json'), '{"idle":{"cores":"many"}}')
    const { exit, err } = await nexapod('node', 'up', '--yes', ...mesh)
    expect(exit).toBe(1)
    expect(err).toContain('At idle.cores of ')
    expect((await nexapod('node', 'up', '--yes', ...mesh, '--limits', 'none')).exit).toBe(3)
    expect((await nexapod('node', 'up', '--yes', ...mesh, '--page', '70000')).exit).toBe(2)
    await expect(agreed()).rejects.toThrow('ENOENT')
  })

  const terminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0
  const typed = (...args: readonly string[]) => [
    ...['script', '-qefc', command(...args).join(' '), '/dev/null'],
  ]

  test.skipIf(missing('script', terminal))(
    'is asked once at a terminal, for each mesh, and remembered',
    async () => {
      const up = typed('node', 'up', ...mesh, '--page')
      const no = await ran(up, [/yes or no: $/, () => 'no\n'])
      expect(no.exit).toBe(4)
      expect(no.out).toContain('you did not say yes')
      await expect(agreed()).rejects.toThrow('ENOENT')
      const ends = () => nexapod('node', 'finish')
      const yes = await ran(up, [/yes or no: $/, () => 'yes\n'], [/"opened"[\s\S]*"page"/, ends])
      expect(yes.exit).toBe(0)
      // A person is shown the whole address of the page: nobody else reads a terminal.
      expect(yes.out).toMatch(/"page","address":"http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}"/)
      expect(await agreed()).toBe(`${'a'.repeat(64)}\n`)
      const again = await ran(up, [/"opened"/, ends])
      expect(again.exit).toBe(0)
      expect(again.out).not.toContain('yes or no')
      const other = await nexapod('node', 'up', '--mesh', invitationTo('climate', 'b'))
      expect(other.exit).toBe(2)
      expect(other.err).toContain('To the mesh climate')
    },
  )

  test('is agreed to by a script that says so', async () => {
    const ends = () => nexapod('node', 'finish')
    const up = command('node', 'up', '--yes', ...mesh, '--page')
    const { exit, out, err } = await ran(up, [/"opened"/, ends])
    expect(exit).toBe(0)
    expect(err).toContain('This machine lends itself')
    expect(await agreed()).toBe(`${'a'.repeat(64)}\n`)
    // What others may read has no key to the page in it.
    expect(out).toMatch(/"page","address":"http:\/\/127\.0\.0\.1:\d+\/"/)
    expect(out).not.toContain('/#')
  })
})

describe('a file that has the system lend it', () => {
  const verifier = spawnSync('systemd-analyze', ['--version']).status === 0

  test.skipIf(missing('systemd', verifier))(
    'is a unit that systemd has nothing to say against',
    async () => {
      const odd = join(home, 'a "100 %" $HOME')
      const written = await nexapod('node', 'install', '--write', '--dir', odd, '--page')
      expect(written.exit).toBe(0)
      const path = join(home, 'config', 'systemd', 'user', 'nexapod.service')
      expect(written.out).toBe(`${path}\n`)
      expect(written.err).toContain('systemctl --user enable --now nexapod')
      const env = { XDG_RUNTIME_DIR: home, PATH: pathBehind(home) }
      const verify = () => {
        const { status, stdout, stderr } = spawnSync(
          'systemd-analyze',
          ['verify', '--user', '--man=no', path],
          { env, encoding: 'utf8' },
        )
        return { status, said: stdout + stderr }
      }
      expect(verify()).toEqual({ status: 0, said: '' })
      const text = await readFile(path, 'utf8')
      expect(text).toContain(String.raw`/a \"100 %%\" $$HOME" "--page"`)
      expect(text).toMatch(/^Nice=19\nCPUSchedulingPolicy=idle\nIOSchedulingClass=idle$/m)
      // The test can fail: it says what it does not know.
      await writeFile(path, text.replace('KillMode=', 'KillMod='))
      expect(verify().said).toContain('KillMod')
    },
  )

  test('is printed for other systems, and is written for this one alone', async () => {
    const macos = await nexapod('node', 'install', '--for', 'macos', '--dir', '/a & b')
    expect(macos.out).toContain('<string>/a &amp; b</string>')
    expect(macos.out).toMatch(/<key>Nice<\/key>\s*<integer>19<\/integer>/)
    const windows = await nexapod('node', 'install', '--for', 'windows', '--dir', '/a & b')
    expect(windows.out).toMatch(/--dir "\/a &amp; b"/)
    expect(windows.out).toContain('<Priority>10</Priority>')
    const other = process.platform === 'win32' ? 'linux' : 'windows'
    expect((await nexapod('node', 'install', '--for', other, '--write')).exit).toBe(2)
    expect((await nexapod('node', 'install', '--for', 'plan9')).exit).toBe(2)
  })
})

test('a benchmark says what a core computes, alone and beside the others', async () => {
  const { exit, out } = await nexapod('node', 'benchmark', '--json')
  expect(exit).toBe(0)
  const { rates } = JSON.parse(out)
  expect(rates[0]).toMatchObject({ profile: 1, cores: 1 })
  for (const { fuelPerSecond } of rates) expect(fuelPerSecond).toBeGreaterThan(1e6)
})
