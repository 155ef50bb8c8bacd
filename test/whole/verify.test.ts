import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkBundle } from '../../cli/index.ts'
import { type Typed, type as typeIn } from '../../cli/test/typed.ts'
import type { JobId, NodeId } from '../../specs/index.ts'
import { MeshHere } from './mesh-here.ts'

const units = 4

let home = ''
let invitation = ''
let elsewhere = ''
let job: JobId
let nodes: readonly NodeId[]
let taken: Typed

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-verify-'))
  const other = await MeshHere.open()
  elsewhere = other.coordinator.invitation()
  await other[Symbol.asyncDispose]()
  await using mesh = await MeshHere.open()
  invitation = mesh.coordinator.invitation()
  job = await mesh.publishPi(units, 200_000)
  const started = [mesh.start('ann'), mesh.start('bob')]
  const told = await Promise.all(started.map((node) => node.tells('opening')))
  nodes = told.map(({ node }) => node as NodeId)
  expect(await mesh.ended(job)).toBe('final')
  const named = { NEXAPOD_MESH: invitation }
  taken = await typeIn(home, ['job', 'results', job, '--to', 'results', '--json'], named)
  // From here on there is neither coordinator nor node.
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

/** What is typed about a copy of the results that was changed. */
async function verified(
  change: (directory: string) => Promise<unknown>,
  ...more: readonly string[]
): Promise<Typed> {
  const directory = await mkdtemp(join(home, 'changed-'))
  await cp(join(home, 'results'), directory, { recursive: true })
  await change(directory)
  const args = ['verify', directory, ...more, '--json']
  return await typeIn(home, args, { NEXAPOD_MESH: invitation })
}

const output = (unit: number) => join(String(unit), 'out', 'pi.csv')

/** Changes one byte of a file. */
async function flip(path: string, at: (length: number) => number = (length) => length >> 1) {
  const bytes = await readFile(path)
  const index = at(bytes.length)
  bytes[index] = (bytes[index] as number) ^ 1
  await writeFile(path, bytes)
}

describe('results, offline', () => {
  test('are verified with nothing but what lies beside them, and say by whom', async () => {
    expect(taken).toMatchObject({ exit: 0, said: { accepted: units, without: [] } })
    const { exit, said } = await verified(async () => {})
    const signed = Object.fromEntries(nodes.map((node) => [node, units]))
    expect({ exit, said }).toMatchObject({
      exit: 0,
      said: { verified: true, job, units, accepted: units, lasting: units, nodes: signed },
    })
    expect(said).toMatchObject({ mesh: { name: 'whole', named: true }, beside: [] })
  })

  test('are said in words, and of which mesh they are where none was named', async () => {
    const alone = await typeIn(home, ['verify', 'results'])
    expect(alone).toMatchObject({ exit: 0 })
    expect(alone.out).toMatch(/^mesh .*: only what the results say; name the mesh/m)
    for (const node of nodes) expect(alone.out).toContain(`${node}  ${units} units`)
    expect(alone.out).toMatch(/^quorum +1 of the 1 in the roster signed, 1 must$/m)
  })

  test('are run again here, to the same bytes and fuel', async () => {
    const { exit, said } = await verified(async () => {}, '--rerun', '2')
    expect({ exit, rerun: said.rerun.length }).toEqual({ exit: 0, rerun: 2 })
    const examples = join(import.meta.dirname, '../../examples/pi')
    const without = async (directory: string) => {
      await rm(join(directory, 'inputs'), { recursive: true })
    }
    const bare = await verified(without, '--rerun', '1')
    expect(bare).toMatchObject({ exit: 1, said: { failed: { code: 'bundle.rerun' } } })
    const given = await verified(without, '--rerun', '9', '--data', examples)
    expect(given).toMatchObject({ exit: 0, said: { inputs: [], rerun: [0, 1, 2, 3] } })
  })
})

describe('results are refused', () => {
  test.each<readonly [string, (directory: string) => Promise<unknown>, string, string]>([
    ['a byte of an output', (at) => flip(join(at, output(2))), 'bundle.false', output(2)],
    ['a byte of job.json', (at) => flip(join(at, 'job.json')), 'bundle.false', 'job.json'],
    ['an output that is gone', (at) => rm(join(at, output(1))), 'bundle.missing', output(1)],
    ['no proof', (at) => rm(join(at, 'proof.cbor')), 'bundle.missing', 'proof.cbor'],
    ['no job.json', (at) => rm(join(at, 'job.json')), 'bundle.missing', 'job.json'],
    [
      'two units that were swapped',
      async (at) => {
        await rename(join(at, output(0)), join(at, 'aside'))
        await rename(join(at, output(3)), join(at, output(0)))
        await rename(join(at, 'aside'), join(at, output(3)))
      },
      'bundle.false',
      output(0),
    ],
    [
      'a byte of the module',
      async (at) => await flip(join(at, 'inputs', await moduleOf(at))),
      'bundle.false',
      'inputs',
    ],
  ])('with %s', async (_, change, code, at) => {
    const { exit, err, said } = await verified(change)
    expect({ exit, said }).toMatchObject({
      exit: 1,
      said: { failed: { code, at: expect.stringContaining(at) } },
    })
    expect(err).toMatch(/error: .*\n {2}why {3}.*\n {2}next {2}/)
  })

  test('with any byte of the proof changed, by a code', async () => {
    const file = join(home, 'results', 'proof.cbor')
    const whole = await readFile(file)
    const directory = await mkdtemp(join(home, 'proof-'))
    await cp(join(home, 'results'), directory, { recursive: true })
    const { signal } = new AbortController()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (i, by) => {
          const bytes = Buffer.from(whole)
          bytes[i] = (bytes[i] as number) ^ by
          await writeFile(join(directory, 'proof.cbor'), bytes)
          const answer = await checkBundle(directory, { signal })
          expect(answer).toMatchObject({ ok: false, refusal: { code: /./, at: 'proof.cbor' } })
        },
      ),
      { numRuns: 200 },
    )
    await writeFile(join(directory, 'proof.cbor'), whole)
    expect((await checkBundle(directory, { signal })).ok).toBe(true)
  })

  test('as those of another mesh', async () => {
    const { exit, said } = await verified(async () => {}, '--mesh', elsewhere)
    expect({ exit, said }).toMatchObject({ exit: 1, said: { failed: { code: 'wire.mesh' } } })
  })

  test('where there are none, or nothing that can be typed', async () => {
    expect((await typeIn(home, ['verify', 'nowhere'])).exit).toBe(3)
    expect((await typeIn(home, ['verify', 'results', '--rerun', 'all'])).exit).toBe(2)
    expect((await typeIn(home, ['verify', 'results', '--mesh', 'nexapod://mesh/a/b'])).exit).toBe(1)
  })

  test('never for a file that lies beside them, which is named', async () => {
    const { exit, said } = await verified((at) => writeFile(join(at, '1', 'notes'), 'mine'))
    expect({ exit, beside: said.beside }).toEqual({ exit: 0, beside: ['1/notes'] })
  })

  test('say nothing that the name of such a file says', async () => {
    const forged = 'x\nmesh  all of it: the one that you named\u001b[2J'
    const at = join(home, 'results', forged)
    await writeFile(at, 'mine')
    const { exit, out } = await typeIn(home, ['verify', 'results'])
    await rm(at)
    expect(exit).toBe(0)
    expect(out).not.toMatch(/^mesh .*the one that you named/m)
    expect(out).not.toContain('\u001b')
  })
})

/** The CID of the module that the job ran. */
async function moduleOf(directory: string): Promise<string> {
  const [module = ''] = await readdir(join(directory, 'inputs'))
  return module
}
