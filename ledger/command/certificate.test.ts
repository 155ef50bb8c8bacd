import { readFile, writeFile } from 'node:fs/promises'
import { certificateSchema, decode } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOf } from '../test/chains.ts'
import { type, typing } from '../test/shells.ts'
import { opened, Places } from '../test/stores.ts'
import { cosign, grow, nodes, rich, workedChain } from '../test/worked.ts'

const writer = workedChain(8)
const size = writer.entries.length
const places = new Places()
/** Of these, one is signed by a quorum below its end, and one by too few. */
const [directory, few, roster] = Array.from({ length: 3 }, () => places.next()) as [
  string,
  string,
  string,
]
/** Where the quorum signed: not all is settled there. */
const signedAt = size - 4

beforeAll(async () => {
  {
    await using store = await opened(directory)
    await grow(store, writer, signedAt)
    await cosign(store, writer, 2)
    await grow(store, writer, size)
    await cosign(store, writer, 1)
  }
  await using store = await opened(few)
  await grow(store, writer, 20)
  await cosign(store, writer, 1)
  await writeFile(roster, (await type(`show ${directory} --roster`)).out)
})
afterAll(() => places.remove())

describe('a certificate', () => {
  test('of an account proves offline what it held when a quorum signed last', async () => {
    const file = places.next()
    const made = await type(`certificate ${directory} --account ${nodes[0].id} --out ${file}`)
    expect([made.exit, made.err]).toEqual([0, ''])
    expect(made.out).toMatch(
      `written    ${file}, 1.1 KiB\nproves     ${rich} holds 0.021000 credits`,
    )
    const { exit, out } = await type(`verify ${file} --roster ${roster}`)
    expect(exit).toBe(0)
    expect(made.out.split('\n').slice(1).join('\n')).toBe(out)
    expect(out).toMatch(`as of      1970-01-01 00:00:12.033 UTC, ${signedAt} entries, epoch 0\n`)
    expect(out).toMatch(`signed by  ${keyOf(0)}, coordinator\n           ${keyOf(1)}, witness\n`)
    expect(out).toMatch('quorum     3 of the 4 in the roster signed, 3 must\n')
    const { balance, signed } = JSON.parse(
      (await type(`verify ${file} --roster ${roster} --json`)).out,
    )
    expect(balance).toEqual({ account: rich, micro: 21_000 })
    expect(signed).toEqual([keyOf(0), keyOf(1), keyOf(2)])
  })

  test('of an entry proves what happened in it, and goes to stdout without a file', async () => {
    const { exit, bytes } = await type(`certificate ${directory} --entry 4`)
    expect(exit).toBe(0)
    expect(decode(certificateSchema, new Uint8Array(bytes)).ok).toBe(true)
    const file = places.next()
    await writeFile(file, bytes)
    const { out } = await type(`verify ${file} --roster ${roster}`)
    expect(out).toMatch('proves     entry 4, written 1970-01-01 00:00:02.004 UTC\n')
    expect(out).toMatch(/\n {11}verdict [0-9a-f]{12}\.\.\/0 accepted: slots 0, 1 agree\n/)
    const json = JSON.parse((await type(`verify ${file} --roster ${roster} --json`)).out)
    expect(json.entry.facts).toHaveLength(3)
  })

  test('says in JSON what is in its file', async () => {
    const file = places.next()
    const { out } = await type(`certificate ${directory} --account mint --out ${file} --json`)
    const { length } = await readFile(file)
    expect(JSON.parse(out)).toMatchObject({ file, bytes: length, balance: { micro: -112_000 } })
  })

  test('is not to be had without a quorum: who has not signed is named', async () => {
    for (const wanted of ['--entry 3', `--account ${rich}`]) {
      const { exit, err } = await type(`certificate ${few} ${wanted} --out ${places.next()}`)
      expect(exit).toBe(1)
      expect(err).toMatch('error: No checkpoint here is signed by a quorum of the roster.\n')
      expect(err).toMatch(
        `of 20 entries, is signed by 2 of the 3 that must; not yet by ${keyOf(2)}, `,
      )
    }
  })

  test('is not to be had of what is not there, or not covered yet', async () => {
    const out = places.next()
    const beyond = await type(`certificate ${directory} --entry ${signedAt} --out ${out}`)
    expect(beyond).toMatchObject({
      exit: 1,
      err: expect.stringContaining(`of ${signedAt} entries`),
    })
    const none = await type(`certificate ${directory} --entry 900 --out ${out}`)
    expect(none.exit).toBe(3)
    const nobody = await type(`certificate ${directory} --account slash --out ${out}`)
    expect(nobody).toMatchObject({ exit: 3, err: expect.stringContaining('no account slash') })
    await expect(readFile(out)).rejects.toThrow()
    await writeFile(out, 'mine')
    const taken = await type(`certificate ${directory} --entry 1 --out ${out}`)
    expect(taken).toMatchObject({ exit: 1, err: expect.stringContaining('is there already') })
    expect(await readFile(out, 'utf8')).toBe('mine')
  })
})

describe('verify', () => {
  test('takes no certificate that is false', async () => {
    const [good, bad] = [places.next(), places.next()]
    await type(`certificate ${directory} --entry 4 --out ${good}`)
    const file = await readFile(good)
    for (let at = 0; at < file.length; at += 97) {
      await writeFile(bad, file.with(at, (file[at] as number) ^ 4))
      const { exit, out, err } = await type(`verify ${bad} --roster ${roster}`)
      expect([exit, out], `byte ${at}`).toEqual([1, ''])
      expect(err).toMatch(`error: ${bad} proves nothing.\n  why   `)
    }
    await writeFile(bad, Buffer.alloc(certificateSchema.bytesMax + 9))
    expect((await type(`verify ${bad} --roster ${roster}`)).err).toMatch('bytes.too-large')
  })

  test('needs the roster of the mesh, and says where to get it', async () => {
    const [file, other] = [places.next(), places.next()]
    await type(`certificate ${directory} --entry 4 --out ${file}`)
    const known = JSON.parse(await readFile(roster, 'utf8'))
    await writeFile(other, JSON.stringify({ ...known, members: known.members.slice(2) }))
    const { exit, err } = await type(`verify ${file} --roster ${other}`)
    expect(exit).toBe(1)
    expect(err).toMatch('chain.checkpoint; 3 signed, 3 of the roster must')
    expect(err).toMatch('nexapod ledger show DIR --roster\n')
    for (const text of ['no JSON', '{}', JSON.stringify({ ...known, quorom: 3 }), '[1]']) {
      await writeFile(other, text)
      const refused = await type(`verify ${file} --roster ${other}`)
      expect(refused.exit).toBe(1)
      expect(refused.err).toMatch(`error: ${other} holds no roster.\n`)
    }
  })

  test('does not find a file that is not there', async () => {
    const gone = places.next()
    for (const words of [
      [gone, roster],
      [roster, gone],
    ] as const) {
      const { exit, err } = await typing(['verify', words[0], '--roster', words[1]])
      expect([exit, err.split('\n')[0]]).toEqual([3, `error: There is no file ${gone}.`])
    }
  })
})
