import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const command = join(root, 'cli', 'main.js')

/** What is typed there, and what it says; it ends by itself, or when it is told to. */
function typed(words: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [command, ...words], { env, cwd: root })
  const at = { said: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      at.said += bytes
    })
  }
  const exit = new Promise((resolve) => child.once('close', resolve))
  return { child, at, exit }
}

test('the demo finds its liar and pays the others, with nothing on the path', async () => {
  const home = await mkdtemp(join(tmpdir(), 'nexapod-demo-test-'))
  try {
    const env = { PATH: '', HOME: home, TMPDIR: home }
    const { child, at, exit } = typed(['demo'], env)
    // What it says to type next does what it seems to.
    const next = /export NEXAPOD_MESH=(\S+)\s+npx -y pnpm@12 nexapod (.*)\n/
    await vi.waitUntil(() => next.test(at.said) || child.exitCode !== null, { timeout: 240_000 })
    const [, mesh = '', line = ''] = next.exec(at.said) ?? []
    const own = typed(line.split(' '), { ...env, NEXAPOD_MESH: mesh })
    expect(await own.exit, `${at.said}\n${own.at.said}`).toBe(0)
    expect(own.at.said).toMatch(/^7,1000000,\d+,3\.14\d+$/m)
    child.kill('SIGINT')
    const ended = await exit
    const { said } = at
    expect(ended, said).toBe(0)
    expect(said.match(/^ {2}agrees /gm)?.length, said).toBeGreaterThanOrEqual(6)
    expect(said).not.toContain('DIFFERS')
    expect(said).toMatch(/Mallory +0\.000000 credits {2}0 results taken, [1-9]\d* found wrong/)
    for (const name of ['Ada', 'Emmy', 'Grace']) {
      expect(said).toMatch(new RegExp(`${name} +0\\.\\d*[1-9]\\d* credits .* 0 found wrong`))
    }
    expect(said).toContain('found         nothing wrong')
    // With nobody left to ask, both results show themselves, and a unit of each runs again.
    expect(said.match(/^ {2}mesh .*: the one that you named$/gm), said).toHaveLength(2)
    expect(said.match(/^ {2}run again +units \d+: the same bytes and fuel$/gm)).toHaveLength(2)
    expect(said).toMatch(/The coordinator is at http:\/\/127\.0\.0\.1:\d+/)
    // It leaves nothing behind.
    expect((await readdir(home)).filter((name) => name.startsWith('nexapod'))).toEqual([])
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
