import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differByRule, differInBytes, type ToleranceRule } from './streams.ts'

type Format = ToleranceRule['format']
type File = string | Uint8Array

const bytesOf = (file: File) => Buffer.from(file as string)

/** A file that comes in pieces of this many bytes. */
async function* cut(file: File, size = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(file)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

interface How {
  readonly absolute?: string
  readonly relative?: string
  /** The pieces that the two come in. */
  readonly pieces?: readonly [number, number]
}

async function differ(format: Format, a: File, b: File, how: How = {}) {
  const { absolute = '0', relative = '0', pieces = [] } = how
  const rule = { type: 'tolerance', path: '/out/a', format, absolute, relative } as const
  return await differByRule(cut(a, pieces[0]), cut(b, pieces[1]), rule)
}

async function isSame(format: Format, a: File, b: File, how?: How): Promise<boolean> {
  return (await differ(format, a, b, how)) === undefined
}

describe('csv', () => {
  const near = { absolute: '0.01' }
  test.each([
    ['x,y\n1.00,2\n', 'x,y\n1.01,2\n', true],
    ['x,y\n1.00,2\n', 'x,y\r\n1.01,2', true],
    ['1.00,2\n', '1.02,2\n', false],
    ['1,2\n3\n', '1\n2,3\n', false],
    ['1,2\n', '1,2\n3\n', false],
    ['1,2\n', '1,2\n\n', false],
    ['a,nan, inf\n', 'a,NaN,Infinity\n', true],
    ['"1.00"\n', '"1.01"\n', false],
    ['"a ""b"", c\nd",1\n', '"a ""b"", c\nd",1.001\n', true],
    ['"a\n', '"a\n', false],
    ['a"b\n', 'a"b\n', false],
    ['1;5\n', '1;6\n', false],
    ['1e9999\n', '1e9999\n', true],
    ['1e9999\n', '2e9999\n', false],
    ['', '', true],
    ['', '1\n', false],
  ])('%j and %j: %s', async (a, b, is) => {
    for (const pieces of [undefined, [1, 3] as const]) {
      const how = pieces === undefined ? near : { ...near, pieces }
      expect(await isSame('csv', a, b, how)).toBe(is)
      expect(await isSame('csv', b, a, how)).toBe(is)
    }
  })
})

describe('json', () => {
  const near = { relative: '0.01' }
  test.each([
    ['{"a": [1.00, null]}', '{"a":[1.01,null] }\n', true],
    ['{"a": [1.00, null]}', '{"a":[1.02,null] }\n', false],
    ['{"a":1,"b":2}', '{"b":2,"a":1}', false],
    ['[1]', '[[1]]', false],
    ['[1,2]', '[12]', false],
    ['["1.00"]', '["1.01"]', false],
    ['[NaN,-Infinity]', '[NaN, -Infinity]', true],
    ['12', '12', true],
    ['"\\u00e9 \\""', '"\\u00e9 \\""', true],
    ['true', 'true', true],
    ...['', '[', '[1,]', '{"a"}', '{1:2}', '[1}', '1 2', '01', 'nul', '[1]x', '"\\x"', '[tru'].map(
      (wrong) => [wrong, wrong, false] as const,
    ),
    ['[1.5.2]', '[1.5.2]', false],
    ['[truefalse]', '[truefalse]', false],
    [`${'['.repeat(65)}${']'.repeat(65)}`, `${'['.repeat(65)}${']'.repeat(65)}`, false],
    [`${'['.repeat(64)}${']'.repeat(64)}`, `${'['.repeat(64)}${']'.repeat(64)}`, true],
  ] as const)('%j and %j: %s', async (a, b, is) => {
    for (const pieces of [undefined, [1, 3] as const]) {
      const how = pieces === undefined ? near : { ...near, pieces }
      expect(await isSame('json', a, b, how)).toBe(is)
      expect(await isSame('json', b, a, how)).toBe(is)
    }
  })
})

/** A file as numpy writes it. */
function npy(descr: string, shape: string, data: Uint8Array, version = 1): Uint8Array {
  const said = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`
  const text = `${said.padEnd(117)}\n`
  const length = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) length.writeUInt16LE(text.length)
  else length.writeUInt32LE(text.length)
  const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0])
  return Buffer.concat([magic, length, Buffer.from(text), data])
}

function doubles(...all: readonly number[]): Uint8Array {
  return new Uint8Array(new Float64Array(all).buffer)
}

describe('npy', () => {
  const near = { absolute: '0.5' }
  const whole = npy('<f8', '(2,)', doubles(1, Number.NaN))

  test.each<readonly [string, Uint8Array, Uint8Array, boolean]>([
    ['what is near', whole, npy('<f8', '(2,)', doubles(1.5, Number.NaN)), true],
    ['what is not', whole, npy('<f8', '(2,)', doubles(1.6, Number.NaN)), false],
    ['another version', whole, npy('<f8', '(2,)', doubles(1, Number.NaN), 2), true],
    ['another shape', whole, npy('<f8', '(2, 1)', doubles(1, Number.NaN)), false],
    ['another kind', whole, npy('<i8', '(2,)', doubles(1, Number.NaN)), false],
    ['less', whole, whole.subarray(0, -1), false],
    ['more', whole, Buffer.concat([whole, Buffer.from([0])]), false],
    ['objects', npy('|O', '(0,)', doubles()), npy('|O', '(0,)', doubles()), false],
    ['nothing', npy('<f8', '(0, 3)', doubles()), npy('<f8', '(0, 3)', doubles()), true],
    ['too much', npy('<f8', '(9999999999, 9999999999)', doubles(1)), whole, false],
    [
      'another order of bytes',
      npy('<f8', '()', doubles(2)),
      npy('>f8', '()', doubles(2).slice().reverse()),
      true,
    ],
    [
      'complex numbers',
      npy('<c16', '(1,)', doubles(1, 2)),
      npy('<c16', '(1,)', doubles(1, 2.25)),
      true,
    ],
    [
      'halves',
      npy('<f2', '(3,)', new Uint8Array([0, 0x3c, 0, 0xfc, 1, 0])),
      npy('<f2', '(3,)', new Uint8Array([0, 0x3e, 0, 0xfc, 0, 0x80])),
      true,
    ],
    ['texts', npy('|S2', '(1,)', bytesOf('ab')), npy('|S2', '(1,)', bytesOf('ac')), false],
  ])('%s', async (_, a, b, is) => {
    for (const pieces of [undefined, [1, 7] as const]) {
      const how = pieces === undefined ? near : { ...near, pieces }
      expect(await isSame('npy', a, b, how)).toBe(is)
      expect(await isSame('npy', b, a, how)).toBe(is)
    }
  })
})

describe('whatever a file holds', () => {
  const format = fc.constantFrom<Format>('csv', 'json', 'npy')
  const pieces = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
  const made = {
    csv: fc
      .array(fc.array(fc.oneof(fc.double().map(String), fc.string()), { minLength: 1 }))
      .map((rows) => rows.map((row) => row.map(quoted).join(',')).join('\n')),
    json: fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value)),
    npy: fc.array(fc.double()).map((all) => npy('<f8', `(${all.length},)`, doubles(...all))),
  }
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom(...'{}[]",:\\u0e1-+.,\n\r naNInfiytruefalse'),
      maxLength: 99,
    }),
  )

  test('what can be read is like itself, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(format, fc.context(), pieces, fc.gen(), async (one, log, cuts, gen) => {
        const file = gen(() => made[one] as fc.Arbitrary<File>)
        log.log(bytesOf(file).toString('latin1'))
        expect(await differ(one, file, file, { pieces: cuts })).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  test('noise is read to an end, says the same both ways, and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(format, noise, noise, pieces, fc.boolean(), async (one, a, b, cuts, own) => {
        // What begins as an npy comes further.
        const head = one === 'npy' && own ? npy('<f4', '(9,)', new Uint8Array()) : ''
        const [x, y] = [a, b].map((rest) => Buffer.concat([bytesOf(head), bytesOf(rest)]))
        if (x === undefined || y === undefined) return
        const is = await isSame(one, x, y)
        expect(await isSame(one, y, x, { pieces: cuts })).toBe(is)
        const self = await isSame(one, x, x)
        expect(await isSame(one, x, x, { pieces: cuts })).toBe(self)
      }),
      { numRuns: 1000 },
    )
  })

  test('bytes are alike if they are the same', async () => {
    await fc.assert(
      fc.asyncProperty(noise, noise, pieces, async (a, b, [x, y]) => {
        const is = bytesOf(a).equals(bytesOf(b))
        expect((await differInBytes(cut(a, x), cut(b, y))) === undefined).toBe(is)
        expect(await differInBytes(cut(a, x), cut(a, y))).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

describe('a file without an end of its parts', () => {
  test.each<Format>(['csv', 'json'])('is given up in %s', async (format) => {
    let given = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; given < 1000; given++) yield Buffer.alloc(65_536, given === 0 ? '"' : 'a').fill('a', 1)
    }
    const rule = {
      type: 'tolerance',
      path: '/out/a',
      format,
      absolute: '0',
      relative: '0',
    } as const
    expect(await differByRule(endless(), endless(), rule)).toMatch(/no (csv|json)/)
    expect(given).toBeLessThan(8)
  })
})

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
