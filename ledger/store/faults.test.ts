import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { codeOf, entries, opened, Places, taken } from '../test/stores.ts'
import { Anchor, anchored } from './anchor.ts'
import { Disk } from './disk.ts'
import { examine } from './examine.ts'
import { placesOf } from './folder.ts'
import { type Memory, type Rows, Writes } from './writes.ts'

const places = new Places()
afterAll(() => places.remove())

/** What becomes of one call: it is never made, made and never answered, or fails. */
type Fault = 'before' | 'after' | 'fails'

/** Stops at one call of all that are made to the disk, as a machine does that loses its power. */
class Faulty implements Rows, Memory {
  readonly crashed: Promise<void>
  readonly #disk: Disk
  readonly #anchor: Anchor
  readonly #fault: Fault
  #left: number
  #crash = () => {}

  constructor(disk: Disk, anchor: Anchor, { at, fault }: { at: number; fault: Fault }) {
    this.#disk = disk
    this.#anchor = anchor
    this.#left = at
    this.#fault = fault
    this.crashed = new Promise((done) => {
      this.#crash = done
    })
  }

  write: Rows['write'] = (changes) => this.#through(() => this.#disk.write(changes))
  raw: Rows['raw'] = (keys) => this.#through(() => this.#disk.raw(keys))
  keep: Memory['keep'] = (tip) => this.#through(() => this.#anchor.keep(tip))

  async #through<T>(act: () => Promise<T>): Promise<T> {
    const left = this.#left--
    if (left > 0) return await act()
    if (left === 0 && this.#fault === 'fails') throw new Error('EIO: i/o error, fdatasync')
    // Whatever else was under way at that moment is not answered either.
    if (left === 0 && this.#fault === 'after') await act()
    this.#crash()
    return await new Promise(() => {})
  }
}

/** Writes until the fault, then looks at what is there as an opening does. */
async function lived(directory: string, fault: { at: number; fault: Fault }, sizes: number[]) {
  await (await opened(directory))[Symbol.asyncDispose]()
  const { now } = placesOf(directory)
  let acknowledged = 0
  let refused: string | undefined
  {
    await using disk = await Disk.open(join(now, 'level'))
    await using anchor = await Anchor.open(now)
    const faulty = new Faulty(disk, anchor, fault)
    const writes = new Writes(faulty, faulty, await examine(disk, await anchored(now), 1))
    let at = 0
    const life = async () => {
      const flying: Promise<void>[] = []
      for (const [i, size] of sizes.entries()) {
        // Two are under way at any time, so that the anchor of one meets the rows of the next.
        await flying[i - 2]
        const some = taken.slice(at, at + size)
        at += size
        flying.push(
          writes.append(some, []).then((answer) => {
            if (answer.ok) acknowledged = Math.max(acknowledged, answer.value.size)
            else refused ??= codeOf(answer)
          }),
        )
      }
      await Promise.all(flying)
    }
    await Promise.race([life(), faulty.crashed])
  }
  await using disk = await Disk.open(join(now, 'level'))
  const { tip } = await examine(disk, await anchored(now), Number.MAX_SAFE_INTEGER)
  const found: Uint8Array[] = []
  for await (const page of disk.pages(0, tip.size)) found.push(...page.entries)
  return { acknowledged, refused, tip, found }
}

describe('a disk that fails at any of its calls', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 8 })
  const fault = fc.constantFrom<Fault>('before', 'after', 'fails')

  test('keeps all that was acknowledged, and nothing by halves', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat({ max: 16 }), fault, async (all, at, what) => {
        const some = all
        const { acknowledged, refused, tip, found } = await lived(
          places.next(),
          { at, fault: what },
          some,
        )
        expect(tip.size).toBeGreaterThanOrEqual(acknowledged)
        const ends = some.map((_, i) => some.slice(0, i + 1).reduce((a, b) => a + b, 0))
        expect([0, ...ends]).toContain(tip.size)
        expect(found.length).toBe(tip.size)
        for (const [i, bytes] of found.entries()) {
          expect(Buffer.compare(bytes, entries[i] as Uint8Array)).toBe(0)
        }
        if (refused !== undefined) expect(refused).toBe('ledger.stopped')
      }),
      { numRuns: 60 },
    )
  })
})
