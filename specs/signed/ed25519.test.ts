import { getPublicKey, hashes, Point, utils, verify as verifyOfNoble } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../bytes/text.ts'
import { toPeerText } from '../id/base58.ts'
import type { PeerId } from '../id/id.ts'
import { type Ed25519, ed25519, native, portable, soundKey } from './ed25519.ts'
import vectors from './vectors.json' with { type: 'json' }

hashes.sha512 = sha512

const order = 2n ** 252n + 27742317777372353535851937790883648493n
const prime = 2n ** 255n - 19n
const both: readonly (readonly [string, Ed25519])[] = [
  ['portable', portable],
  ['native', native ?? portable],
]

const hex = (digits: string) => fromHex(digits) ?? new Uint8Array()
const peer = (key: Uint8Array) => toPeerText(key) as PeerId

describe.each(both)('%s', (_, { signer, verify }) => {
  test.each(vectors.signing)('signs as in $name', ({ seed, key, message, signature }) => {
    const made = signer(hex(seed))
    expect(made.id).toBe(peer(hex(key)))
    expect(toHex(made.sign(hex(message)))).toBe(signature)
  })

  test.each(vectors.verifying)('says $verdict to $name', ({ key, message, signature, verdict }) => {
    expect(verify(peer(hex(key)), hex(message), hex(signature))).toBe(verdict)
  })

  test('refuses a signer that is no PeerId', () => {
    const [{ message, signature }] = vectors.signing as [(typeof vectors.signing)[0]]
    for (const signer of ['', 'Qm', '12D3KooW', `12D3KooW${'1'.repeat(44)}`]) {
      expect(verify(signer as PeerId, hex(message), hex(signature))).toBe(false)
    }
  })

  test('takes a seed of 32 bytes and keeps a copy of it', () => {
    for (const length of [0, 31, 33, 64]) expect(() => signer(new Uint8Array(length))).toThrow()
    const seed = new Uint8Array(32).fill(5)
    const made = signer(seed)
    const message = Uint8Array.of(1)
    const before = made.sign(message)
    seed.fill(6)
    expect(made.sign(message)).toEqual(before)
  })
})

test.each(vectors.verifying)(
  'WebCrypto with a sound key says the same to $name',
  async (vector) => {
    const { message, signature, verdict } = vector
    const key = soundKey(peer(hex(vector.key)), hex(signature))
    if (key === undefined) return expect(verdict).toBe(false)
    const { subtle } = globalThis.crypto
    const bare = (bytes: Uint8Array) => new Uint8Array(bytes)
    const imported = await subtle.importKey('raw', bare(key), 'Ed25519', false, ['verify'])
    const said = await subtle.verify('Ed25519', imported, bare(hex(signature)), bare(hex(message)))
    expect(said).toBe(verdict)
  },
)

test('there is a native one under Node.js, and it is the one that is used', () => {
  expect(native).toBeDefined()
  expect(ed25519).toBe(native)
})

test('held keys are let go when there are too many, and verify again', () => {
  const message = Uint8Array.of(7)
  const first = portable.signer(new Uint8Array(32).fill(1))
  const signature = first.sign(message)
  expect(ed25519.verify(first.id, message, signature)).toBe(true)
  const key = new Uint8Array(32).fill(9)
  for (let i = 0; i < 4200; i++) {
    key[0] = i
    key[1] = i >> 8
    ed25519.verify(peer(key), message, signature)
  }
  expect(ed25519.verify(first.id, message, signature)).toBe(true)
})

describe('the verify of @noble/ed25519 is not used, because', () => {
  test.each(vectors.verifying)('to $name it says what is noted', (vector) => {
    const said = (zip215: boolean): boolean => {
      const { key, message, signature } = vector
      if (signature.length !== 128) return false
      return verifyOfNoble(hex(signature), hex(message), hex(key), { zip215 })
    }
    expect(said(false)).toBe(vector.cofactored)
    expect(said(true)).toBe(vector.zip215)
  })

  test('by default it takes a signature that is good for every message', () => {
    const forgeries = vectors.verifying.filter(({ name }) => name.startsWith('ZIP215'))
    expect(new Set(forgeries.map(({ signature }) => signature)).size).toBe(1)
    expect(forgeries.map(({ verdict, zip215 }) => [verdict, zip215])).toEqual([
      [false, true],
      [false, true],
    ])
  })

  test('even its strict form multiplies by the cofactor, and takes what node refuses', () => {
    const lenient = vectors.verifying.filter(({ cofactored, verdict }) => cofactored && !verdict)
    expect(lenient.length).toBeGreaterThanOrEqual(6)
    expect(lenient.map(({ name }) => name)).toContain('R plus a point of order 8')
  })
})

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })
const messages = fc.uint8Array({ maxLength: 64 })
const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')

/** Signatures made from the secret on points of every order: what an adversary can do. */
const adversarial = fc
  .record({
    seed: seeds,
    message: messages,
    r: fc.bigInt({ min: 0n, max: order - 1n }),
    ofKey: fc.nat({ max: 7 }),
    ofR: fc.nat({ max: 7 }),
    addToS: fc.constantFrom(0n, 0n, 0n, 1n, order, 2n * order),
    spelling: fc.constantFrom('canonical', 'canonical', 'unreduced', 'other sign'),
    rIsZero: fc.boolean(),
  })
  .map(({ seed, message, r, ofKey, ofR, addToS, spelling, rIsZero }) => {
    const { scalar } = utils.getExtendedPublicKey(seed)
    const key = times(torsion, ofKey).add(Point.BASE.multiply(scalar)).toBytes()
    const plainR = rIsZero || r === 0n ? Point.ZERO : Point.BASE.multiply(r)
    const encodedR = respelled(plainR.add(times(torsion, ofR)).toBytes(), spelling)
    const k = littleEndian(sha512(Buffer.concat([encodedR, key, message]))) % order
    const s = (((rIsZero ? 0n : r) + k * scalar) % order) + addToS
    return { key, message, signature: Buffer.concat([encodedR, bytesOf(s)]) }
  })

/** Good signatures with something changed, and anything that has the right lengths. */
const malformed = fc.oneof(
  fc.record({ seed: seeds, message: messages, bit: fc.nat({ max: 512 + 256 }) }).map((made) => {
    const key = getPublicKey(made.seed)
    const signature = portable.signer(made.seed).sign(made.message)
    const { bit } = made
    const target = bit < 512 ? signature : key
    if (bit < 768)
      target[(bit & 511) >> 3] = (target[(bit & 511) >> 3] as number) ^ (1 << (bit & 7))
    return { key, message: made.message, signature }
  }),
  fc.record({ key: seeds, message: messages, signature: fc.uint8Array({ maxLength: 80 }) }),
)

describe('portable and native agree', () => {
  const agree = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    const verdict = portable.verify(peer(key), message, signature)
    expect(native?.verify(peer(key), message, signature)).toBe(verdict)
    return verdict
  }

  test('on what each of them signs', () => {
    fc.assert(
      fc.property(seeds, messages, (seed, message) => {
        const [a, b] = [portable.signer(seed), (native ?? portable).signer(seed)]
        expect(a.id).toBe(b.id)
        expect(a.sign(message)).toEqual(b.sign(message))
        expect(agree(getPublicKey(seed), message, a.sign(message))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('on what is malformed', () => {
    fc.assert(
      fc.property(malformed, ({ key, message, signature }) => {
        agree(key, message, signature)
      }),
      { numRuns: 300 },
    )
  })

  test('on what an adversary makes with points of small order', () => {
    const verdicts = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(adversarial, ({ key, message, signature }) => {
        verdicts[agree(key, message, signature) ? 'accepted' : 'refused']++
      }),
      { numRuns: 400 },
    )
    expect(verdicts.accepted).toBeGreaterThan(0)
    expect(verdicts.refused).toBeGreaterThan(0)
  })
})

function times(point: Point, count: number): Point {
  let sum = Point.ZERO
  for (let i = 0; i < count; i++) sum = sum.add(point)
  return sum
}

/** Another encoding of the same point, where there is one. */
function respelled(encoded: Uint8Array, spelling: string): Uint8Array {
  const value = littleEndian(encoded)
  const y = value % 2n ** 255n
  if (spelling === 'unreduced' && y < 19n) return bytesOf(value + prime)
  if (spelling === 'other sign') return bytesOf(value ^ (1n << 255n))
  return encoded
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
}

function bytesOf(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(64, '0')).reverse()
}
