import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type } from './test/typed.ts'

let home = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-begin-'))
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

/** Runs the command in the home of this file. */
const nexapod = (...args: readonly string[]) => type(home, args)

describe('a coordinator that cannot begin', () => {
  const begun = (dir: string, ...args: string[]) => {
    return type(home, ['coordinator', 'up', '--dir', dir, ...args], {}, /"recovered"/)
  }

  test('says what was typed wrong, without a stack and without the help of another', async () => {
    const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']
    const wrong = [
      { typed: ['--listen', '127.0.0.1:4001'], says: '127.0.0.1:4001 is no address' },
      { typed: [...listen, '--rates', '{"auditPermile":1}'], says: 'auditPermille' },
    ]
    for (const { typed, says } of wrong) {
      const { exit, out, err } = await begun('unbegun', ...typed)
      expect({ exit, out }).toEqual({ exit: 1, out: '' })
      expect(err).toMatch(/^error: The coordinator does not begin\.\n {2}why {3}.*\n$/)
      expect(err).toContain(says)
    }
  })

  test('says that there is no such mesh, and how to come to one', async () => {
    const { exit, err } = await begun('unbegun', '--mesh-file', 'nowhere.cbor')
    expect(exit).toBe(3)
    expect(err).toMatch(/nowhere\.cbor.*\n {2}why .*\n {2}next {2}nexapod mesh found/)
  })

  test('says whose ledger it was given with the key of another', async () => {
    const listen = ['--listen', '/ip4/127.0.0.1/tcp/0']
    const first = await begun('first', ...listen)
    expect(first.exit).toBe(0)
    await nexapod('mesh', 'found', 'new.cbor', '--member', `${join(home, 'new')}@${listen[1]}`)
    await copyFile(join(home, 'new', 'key'), join(home, 'first', 'key'))
    const { exit, err } = await begun('first', ...listen)
    expect(exit).toBe(1)
    expect(err).toMatch(/12D3KooW\w+ writes it, and the key here is 12D3KooW\w+: put that key back/)
    expect(err).not.toContain('    at ')
  })

  test('says that its port is taken', async () => {
    await using other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { exit, err } = await begun('taken', '--listen', `/ip4/127.0.0.1/tcp/${port}`)
    expect(exit).toBe(1)
    expect(err).toContain(`address already in use 127.0.0.1:${port}. End what has that port`)
    expect(err).not.toContain('    at ')
  })
})

describe('a node that cannot begin', () => {
  test('says why, without a stack', async () => {
    const member = `${join(home, 'one')}@/ip4/127.0.0.1/tcp/1`
    const founded = await nexapod('mesh', 'found', 'one.cbor', '--member', member)
    const dir = join(home, 'damaged')
    await mkdir(dir)
    await writeFile(join(dir, 'key'), 'not a key')
    const mesh = ['--mesh', founded.out.trim()]
    const { exit, err } = await nexapod('node', 'up', '--dir', dir, '--yes', ...mesh)
    expect(exit).toBe(1)
    expect(err).toContain(`limits, which hold at once, each with --dir ${dir}.`)
    expect(err).toMatch(/\nerror: The node does not begin\.\n {2}why {3}.*\n$/)
  })
})
