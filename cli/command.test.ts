import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forkProof } from '@nexapod/ledger'
import {
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  type Digest,
  decode,
  ed25519,
  encode,
  forkSchema,
  meshDocument,
  meshId,
  open,
  parseInvitation,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type } from './test/typed.ts'

let home = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-cli-'))
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

/** Runs the command in the home of this file. */
const nexapod = (...args: readonly string[]) => type(home, args)

describe('what is typed wrong', () => {
  test('an unknown word is a usage error, names the nearest, and says what to type', async () => {
    const { exit, out, err } = await nexapod('jub')
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain('Did you mean job?')
    expect(err).toContain('next  nexapod --help')
  })

  test('so is a missing word, and an option that there is not', async () => {
    expect((await nexapod('job', 'submit')).exit).toBe(2)
    expect((await nexapod('job', 'list', '--fast')).exit).toBe(2)
    expect((await nexapod('key', 'show', '-o', 'xml')).exit).toBe(2)
  })

  test('the help that is named is that of what was typed', async () => {
    expect((await nexapod('job', 'sumbit')).err).toContain('next  nexapod job --help')
    expect((await nexapod('job', 'submit')).err).toContain('next  nexapod job submit --help')
    const { err } = await nexapod('coordinator', 'roster', 'sign', 'change.json', '--publsh')
    expect(err).toContain('(Did you mean --publish?)')
    expect(err).toContain('next  nexapod coordinator roster sign --help')
  })

  test('so is an address of an API without its scheme', async () => {
    for (const verb of ['coordinator status', 'data add file']) {
      const { exit, err } = await nexapod(...verb.split(' '), '--http', '127.0.0.1:4080')
      expect(exit).toBe(2)
      expect(err).toContain('error: 127.0.0.1:4080 is no address of an API.')
    }
  })

  test('without a mesh it is said how to name one', async () => {
    const { exit, err } = await nexapod('job', 'show', 'a'.repeat(64))
    expect(exit).toBe(2)
    expect(err).toMatch(/error: No mesh was named\.\n {2}why .*\n {2}next {2}nexapod mesh join/)
  })

  test('a damaged invitation is refused before anybody is dialled', async () => {
    const { exit, err } = await nexapod('mesh', 'join', 'nexapod://mesh/demo/abcdefgh')
    expect(exit).toBe(1)
    expect(err).toContain('That is no invitation.')
    const [, todo = 'none'] = /\n {2}next {2}(.*)\n/.exec(err) ?? []
    expect(err.split(todo)).toHaveLength(2)
  })

  test('a file that is not there is not found, and JSON says so as well', async () => {
    const { exit, out } = await nexapod('job', 'validate', 'nothing.yaml', '--json')
    expect(exit).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ failed: { exit: 3 } })
  })

  test('a job that was not published from here cannot be called by a part of its id', async () => {
    const { exit, err } = await nexapod('job', 'show', 'abcd')
    expect(exit).toBe(3)
    expect(err).toContain('next  nexapod job list')
  })
})

describe('help', () => {
  test('is data, whoever asks for it and whoever types nothing', async () => {
    const asked = await nexapod('--help')
    expect(asked).toMatchObject({ exit: 0, err: '' })
    expect(await nexapod()).toEqual(asked)
    for (const word of ['job', 'run', 'node', 'ledger', 'demo']) expect(asked.out).toContain(word)
  })

  test('the ledger has its own, under its longer name', async () => {
    const { exit, out } = await nexapod('ledger', 'audit', '--help')
    expect(exit).toBe(0)
    expect(out).toContain('usage: nexapod ledger audit DIR')
  })

  test('each shell is told what completes', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const { exit, out } = await nexapod('completion', shell)
      expect({ shell, exit }).toEqual({ shell, exit: 0 })
      expect(out).toContain('submit')
      expect(out).toMatch(/node doctor\b/)
      expect(out).toMatch(/node limits\b.*unset/)
      expect(out).toContain('--page')
      for (const verb of ['verify', 'history', 'explain', '--rerun']) expect(out).toContain(verb)
    }
    expect((await nexapod('completion', 'csh')).exit).toBe(2)
  })
})

describe('the proof of a fork', () => {
  const coordinator = ed25519.signer(new Uint8Array(32).fill(7))
  const checkpoint = (letter: string) => {
    const [chain, digest] = ['c'.repeat(64) as ChainId, letter.repeat(64) as Digest]
    const author = coordinator.id as CoordinatorId
    const stand = { v: 1 as const, chain, epoch: 0, size: 12, coordinator: author }
    const says = { ...stand, root: digest, head: digest, state: digest, time: 1000 }
    return sign(checkpointDocument, says, coordinator)
  }

  test('is checked without a mesh, and says who signed two histories', async () => {
    const path = join(home, 'chain.fork')
    const fork = forkProof(checkpoint('a'), checkpoint('b'))
    if (fork === undefined) throw new Error('two roots at one size are a fork')
    await writeFile(path, encode(forkSchema, fork))
    const found = await nexapod('verify', path)
    expect(found).toMatchObject({ exit: 0, err: '' })
    expect(found.out).toContain(`${coordinator.id} signed two histories of its chain cccc`)
    const { out } = await nexapod('verify', path, '--json')
    const { id } = coordinator
    expect(JSON.parse(out)).toMatchObject({ forked: true, coordinator: id, epoch: 0 })
  })

  test('that proves nothing is refused, with what is wrong with it', async () => {
    const path = join(home, 'none.fork')
    const [one, other] = [checkpoint('a'), checkpoint('a')]
    await writeFile(path, encode(forkSchema, { one, other }))
    const same = await nexapod('verify', path)
    expect(same.exit).toBe(1)
    expect(same.err).toContain('proves no fork')
    await writeFile(path, new Uint8Array(100_000))
    expect((await nexapod('verify', path)).exit).toBe(1)
    expect((await nexapod('verify', join(home, 'nothing.fork'))).exit).toBe(3)
  })
})

describe('a descriptor', () => {
  const written =
    'nexapod: v1\nname: A job\nexecutors: [{ module: ./a.wasm }]\noutputs: [{ path: /out/a }]\n'

  test('that is one is read, and one that is none is refused with its place', async () => {
    const job = join(home, 'job.yaml')
    await writeFile(job, written)
    const lacking = await nexapod('job', 'validate', job)
    expect(lacking).toMatchObject({ exit: 3 })
    expect(lacking.err).toContain(`error: ${join(home, 'a.wasm')} cannot be read.`)
    await writeFile(join(home, 'a.wasm'), '')
    expect(await nexapod('job', 'validate', job)).toMatchObject({ exit: 0 })
    await rm(join(home, 'a.wasm'))
    await writeFile(job, `${written}nmae: twice\n`)
    const { exit, err } = await nexapod('job', 'validate', job)
    expect(exit).toBe(1)
    expect(err).toContain('nmae')
    await writeFile(job, 'nexapod: [')
    expect((await nexapod('job', 'validate', job)).exit).toBe(1)
    expect((await nexapod('job', 'validate', home)).err).toContain('why   it is a directory')
  })

  test('that names a file which is not there is not published, and the file is named', async () => {
    const job = join(home, 'lacking.yaml')
    await writeFile(job, written)
    const member = `${join(home, 'alone')}@/ip4/127.0.0.1/tcp/1`
    const founded = await nexapod('mesh', 'found', 'alone.cbor', '--member', member)
    const { exit, err } = await nexapod('job', 'submit', job, '--mesh', founded.out.trim())
    expect({ exit, err }).toMatchObject({ exit: 3 })
    expect(err).toContain(`error: ${join(home, 'a.wasm')} cannot be used.`)
    expect(err).not.toContain('    at ')
  })
})

describe('the key', () => {
  test('is made at first use, for its owner alone, and moves to another machine', async () => {
    const shown = await nexapod('key', 'show')
    expect(shown.out).toMatch(/^12D3KooW\w{44}\n$/)
    expect((await stat(join(home, 'key'))).mode & 0o777).toBe(0o600)
    expect(await nexapod('key', 'show')).toEqual(shown)
    const exported = await nexapod('key', 'export')
    expect(exported.out.trim()).toBe((await readFile(join(home, 'key'), 'utf8')).trim())
    const file = join(home, 'secret')
    await writeFile(file, exported.out)
    // One that is there is never lost.
    expect((await nexapod('key', 'import', file)).exit).toBe(4)
    await rm(join(home, 'key'))
    expect(await nexapod('key', 'import', file)).toMatchObject({ exit: 0, out: shown.out })
    expect((await stat(join(home, 'key'))).mode & 0o777).toBe(0o600)
    await writeFile(file, 'no key')
    expect((await nexapod('key', 'import', file)).exit).toBe(2)
  })
})

describe('what is set', () => {
  test('is said with what said so: a flag, the environment, a file, or nobody', async () => {
    const { exit, out } = await nexapod('config', 'explain', '--json')
    expect(exit).toBe(0)
    const settings: { setting: string; value: string; from: string }[] = JSON.parse(out)
    const from = Object.fromEntries(settings.map((one) => [one.setting, one.from]))
    expect(from).toMatchObject({
      ...{ mesh: 'default', output: 'flag --json', key: 'environment NEXAPOD_HOME' },
    })
    const flagged = await nexapod('config', 'explain', '--mesh', 'nexapod://mesh/a/b')
    expect(flagged.out).toMatch(/^mesh +invitation\.damaged +flag --mesh$/m)
    await writeFile(join(home, 'mesh'), 'nexapod://mesh/a/b\n')
    const joined = await nexapod('config', 'explain')
    await rm(join(home, 'mesh'))
    expect(joined.out).toContain(`file ${join(home, 'mesh')}`)
  })
})

describe('a mesh that is founded', () => {
  const at = '/dns4/one.example.org/tcp/4001'

  test('is signed by all of its members, and says where it is', async () => {
    const members = [`one@${at}`, 'two@/ip4/127.0.0.1/tcp/4002', 'one@/ip4/127.0.0.1/tcp/4001']
    const { exit, out, err } = await nexapod(
      ...['mesh', 'found', 'lab', '--name', 'lab', '--json', '--member', ...members],
    )
    const next = '--dir two --mesh-file lab --listen /ip4/0.0.0.0/tcp/4002\n'
    expect({ exit, err }).toMatchObject({ exit: 0, err: expect.stringContaining(next) })
    const said = JSON.parse(out)
    const invitation = parseInvitation(said.invitation)
    const signed = decode(signedSchema(meshDocument, 2), await readFile(join(home, 'lab')))
    if (!invitation.ok || !signed.ok) throw new Error('neither of them can be read')
    const mesh = open(meshDocument, signed.value)
    expect(mesh).toMatchObject({ ok: true, value: { name: 'lab', quorum: 2 } })
    expect(invitation.value).toMatchObject({ name: 'lab', mesh: meshId(signed.value) })
    const addresses = invitation.value.members.map((one) => one.addresses)
    expect(addresses.sort((a, b) => b.length - a.length)).toEqual([
      [at, '/ip4/127.0.0.1/tcp/4001'],
      ['/ip4/127.0.0.1/tcp/4002'],
    ])
    for (const name of ['one', 'two']) {
      expect((await stat(join(home, name, 'key'))).mode & 0o777).toBe(0o600)
    }
    // Founded twice it would be two meshes.
    expect((await nexapod('mesh', 'found', 'lab', '--member', `one@${at}`)).exit).toBe(4)
  })

  test.each([
    ['nobody', [], 2],
    ['no address', ['--member', 'one'], 2],
    ['a name that is none', ['--member', `one@${at}`, '--name', 'Lab'], 1],
    ['a quorum of more than all', ['--member', `one@${at}`, '--quorum', '2'], 1],
    ['rates that there are not', ['--member', `one@${at}`, '--rates', '{"gold":1}'], 1],
  ])('is refused with %s, and leaves no file', async (_, args, exit) => {
    const ended = await nexapod('mesh', 'found', 'none', ...args)
    expect(ended).toMatchObject({ exit, out: '' })
    expect(ended.err).toMatch(/error: .*\n {2}why .*\n {2}next/)
    await expect(stat(join(home, 'none'))).rejects.toThrow('ENOENT')
  })
})
