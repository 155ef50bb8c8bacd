import { describe, expect, test } from 'vitest'
import { list } from '../../specs/schema/list.ts'
import { int } from '../../specs/schema/scalar.ts'
import { headBytes, type Schema } from '../../specs/schema/schema.ts'
import { struct } from '../../specs/schema/struct.ts'
import { executionsPerRound, roundsOf } from './round.ts'
import { type Target, targets } from './target.ts'

const seed = 20_261_120

describe('a short run', () => {
  test('finds nothing in 100,000 executions over every decoder', () => {
    const run = roundsOf(targets, seed)
    const rounds = Math.max(targets.length, 100_000 / executionsPerRound)
    let accepted = 0
    for (let round = 0; round < rounds; round++) {
      const { findings, accepted: some } = run(round)
      expect(findings, `pnpm fuzz --seed ${seed} --round ${round}`).toEqual([])
      accepted += some
    }
    // Neither all noise nor all examples: both halves of the checks are at work.
    const share = accepted / (rounds * executionsPerRound)
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.5)
  })

  test('is the same for the same seed, and another for another', () => {
    const few = targets.slice(0, 2)
    const [first, again] = [roundsOf(few, 5), roundsOf(few, 5)]
    expect(first(3)).toEqual(again(3))
    expect(first(3).accepted).not.toBe(roundsOf(few, 6)(3).accepted)
  })
})

describe('the fuzzer reports a schema that', () => {
  const digit = int({ min: 0, max: 1000 })

  test('takes a number that is wider than it has to be, and writes it as wide again', () => {
    interface Wide {
      readonly value: number
      readonly bytes: Uint8Array
    }
    const wide: Schema<Wide> = {
      ...digit,
      bytesMax: 5,
      parse(input, place) {
        const value = digit.parse(input, place)
        return value === undefined ? undefined : { value, bytes: headOf(value) }
      },
      print: ({ value }) => value,
      read(from) {
        const start = from.at
        const low = (from.input[start] as number) & 31
        const width = low < 24 ? 0 : 2 ** (low - 24)
        from.at = start + 1 + width
        const bytes = from.input.slice(start, from.at)
        const value =
          width === 0 ? low : bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
        if (value > 1000 || width > 2 || bytes.length <= width) from.refuse('document.bounds', '')
        return { value, bytes }
      },
      write: ({ bytes }, to) => to.raw(bytes),
    }
    const found = findings(struct({ n: wide }), [{ n: { value: 5, bytes: Uint8Array.of(5) } }])
    expect(found.join('\n')).toContain('bytes: dag-cbor gives other bytes')
  })

  test('throws where it should refuse', () => {
    const broken: Schema<number> = {
      ...digit,
      read(from) {
        const value = digit.read(from)
        if (value === 24) throw new TypeError('a planted bug')
        return value
      },
    }
    const found = findings(list(broken, { max: 3 }), [[1, 2, 3]])
    expect(found.join('\n')).toMatch(/bytes: it throws TypeError: a planted bug/)
  })

  test('takes too long for some input', () => {
    let times = 0
    const slow: Schema<number> = {
      ...digit,
      read(from) {
        const value = digit.read(from)
        const until = performance.now() + 60
        // The first time, and the three times that it is looked at again.
        if (value === 24 && times++ < 4) while (performance.now() < until);
        return value
      },
    }
    const found = findings(list(slow, { max: 3 }), [[1, 2, 3]])
    expect(found.join('\n')).toMatch(/^bytes: it took [56]\d ms$/)
  })

  test('takes JSON that its JSON Schema refuses', () => {
    const narrow: Schema<number> = { ...digit, json: { type: 'integer', maximum: 900, minimum: 0 } }
    const found = findings(list(narrow, { max: 3 }), [[1, 1000]])
    expect(found.join('\n')).toContain('the JSON Schema refuses')
  })

  test('takes JSON that it cannot write', () => {
    const lax: Schema<number> = {
      ...digit,
      parse: (input, place) =>
        Number.isInteger(input) ? (input as number) : place.fault('document.type', 'a number'),
    }
    const found = findings(list({ ...lax, json: {} }, { max: 3 }), [[1, 2]])
    expect(found.join('\n')).toContain('json: it throws RangeError')
  })

  test('prints what it does not take', () => {
    const odd: Schema<number> = { ...digit, print: (value) => (value === 23 ? '23' : value) }
    const found = findings(list({ ...odd, json: {} }, { max: 3 }), [[1, 2]])
    expect(found.join('\n')).toContain('bytes: its own JSON is refused')
  })

  function findings<T>(schema: Schema<T>, examples: readonly T[], rounds = 10): string[] {
    const target: Target = { name: 'planted', schema: schema as Schema<unknown>, examples }
    const run = roundsOf([target], seed)
    const found: string[] = []
    for (let round = 0; round < rounds; round++) {
      for (const { face, why } of run(round).findings) found.push(`${face}: ${why}`)
    }
    return found
  }

  function headOf(value: number): Uint8Array {
    const bytes = new Uint8Array(headBytes(value))
    if (bytes.length === 1) bytes[0] = value
    else bytes.set(bytes.length === 2 ? [24, value] : [25, value >> 8, value & 255])
    return bytes
  }
})
