import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const command = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

test('the demo finds its liar and pays the others, with nothing on the path', async () => {
  const home = await mkdtemp(join(tmpdir(), 'nexapod-demo-test-'))
  try {
    const env = { PATH: '', HOME: home, TMPDIR: home }
    const child = spawn(process.execPath, [command, 'demo', '--once'], { env })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        said += bytes
      })
    }
    const exit = await new Promise((resolve) => child.once('close', resolve))
    expect(exit, said).toBe(0)
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
