import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Writer } from '../test/chains.ts'
import { opened, Places } from '../test/stores.ts'
import { grow } from '../test/worked.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const writer = new Writer().fill(9000)
const places = new Places()
const directory = places.next()

beforeAll(async () => {
  await using store = await opened(directory)
  await grow(store, writer, writer.entries.length)
})
afterAll(() => places.remove())

describe('a process', () => {
  test('exits with what came of it, and says on stdout what was asked for alone', async () => {
    expect(await ended(started('--help'))).toMatchObject({ exit: 0, err: '' })
    expect(await ended(started('audit', directory, '--jsno'))).toMatchObject({ exit: 2, out: '' })
    expect(await ended(started('audit', places.next()))).toMatchObject({ exit: 3, out: '' })
    const file = places.next()
    await writeFile(file, 'false')
    const verified = await ended(started('verify', file, '--roster', file, '--json'))
    expect(verified.exit).toBe(1)
    expect(JSON.parse(verified.out).failed.what).toBe(`${file} holds no roster.`)
    const { exit, out } = await ended(started('show', directory, '--json'))
    expect([exit, JSON.parse(out).size]).toEqual([0, writer.entries.length])
  })

  test('is quick to help: it loads neither the database nor the documents', async () => {
    const script = `
      import { registerHooks } from 'node:module'
      registerHooks({ resolve(...args) {
        const found = args[2](args[0], args[1])
        console.error(found.url)
        return found
      } })
      process.argv.splice(1, 1, 'ledger', '--help')
      await import(${JSON.stringify(main)})`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, 'x'])
    const { exit, out, err } = await ended(child)
    expect([exit, out]).toEqual([0, expect.stringContaining('certificate')])
    expect(err).toMatch('/command/help.ts\n')
    expect(err.split('\n').filter((url) => /\/(store|specs|level)\//.test(url))).toEqual([])
  })
})

describe('Ctrl-C', () => {
  test('ends an audit with 130, and its copy is gone', async () => {
    const there = appears(join(directory, 'scratch'))
    const child = started('audit', directory)
    await there
    child.kill('SIGINT')
    // Once from the terminal, once from pnpm.
    child.kill('SIGINT')
    expect(await ended(child)).toEqual({ exit: 130, out: '', err: 'Interrupted.\n' })
    expect(await readdir(directory)).not.toContain('scratch')
  })

  test('ends a backup, of which nothing is left', async () => {
    const to = places.next()
    const there = appears(to)
    const child = started('backup', directory, to)
    await there
    child.kill('SIGINT')
    expect(await ended(child)).toEqual({ exit: 130, out: '', err: 'Interrupted.\n' })
    expect(existsSync(to)).toBe(false)
    expect(await readdir(directory)).not.toContain('scratch')
  })

  test('is not what a reader does who has seen enough', async () => {
    const child = started('show', directory, '0-8999', '--json')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [exit] = await once(child, 'exit')
    expect([exit, await text(child.stderr)]).toEqual([141, ''])
    expect(await readdir(directory)).not.toContain('scratch')
  })
})

function started(...args: string[]) {
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ended(child: ReturnType<typeof started> | ChildProcess) {
  const closed = once(child, 'close')
  const [out, err] = [
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]
  const [exit] = await closed
  return { exit, out: await out, err: await err }
}

/** Resolves when something of this path is made. */
async function appears(path: string): Promise<void> {
  const watcher = watch(dirname(path))
  try {
    for (;;) {
      const [, name] = await once(watcher, 'change')
      if (name === basename(path)) return
    }
  } finally {
    watcher.close()
  }
}
