import { headOf, type Item, itemsOf, spliced } from './cbor-item.ts'
import type { Chance } from './chance.ts'

/** A document to mutate, with its items. */
export interface Seed {
  readonly bytes: Uint8Array
  readonly items: readonly Item[]
}

/** A document as a seed; every accepted one is well-formed, and has items. */
export function seedOf(bytes: Uint8Array): Seed {
  return { bytes, items: itemsOf(bytes) }
}

/** A document with some of its structure or its bytes changed. */
export function mutatedBytes(seed: Seed, others: readonly Seed[], chance: Chance): Uint8Array {
  const structured = chance.below(8)
  let bytes = seed.bytes
  if (structured < 6) bytes = chance.one(structures)(seed, chance.one(seed.items), others, chance)
  if (structured >= 5 || chance.once(8)) {
    for (let i = chance.below(3); i >= 0; i--) bytes = chance.one(plain)(bytes, chance)
  }
  return bytes
}

type Structure = (seed: Seed, item: Item, others: readonly Seed[], chance: Chance) => Uint8Array

const numbers = [
  ...[0, 1, 23, 24, 25, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1],
  ...[2 ** 53, 2 ** 63, 1_700_000_000_000],
]
const atoms = [
  ...[[0xf4], [0xf5], [0xf6], [0xf7], [0xe0], [0xf8, 0x20], [0xff], [0x1c], [0x5d], [0x9e]],
  ...[
    [0xf9, 0x3c, 0],
    [0xf9, 0x80, 0],
    [0xfa, 0x3f, 0x80, 0, 0],
    [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
  ],
  ...[
    [0x80],
    [0xa0],
    [0x40],
    [0x60],
    [0x5f, 0xff],
    [0x7f, 0xff],
    [0x9f, 0xff],
    [0xbf, 0xff],
    [0x20],
  ],
  ...[
    [0xd8, 0x2a, 0x41, 0],
    [0xc2, 0x41, 1],
    [0x61, 0xff],
    [0x63, 0xed, 0xa0, 0x80],
  ],
].map((atom) => Uint8Array.from(atom))
const words = [
  '__proto__',
  'constructor',
  'type',
  '',
  '\ufeff',
  '\0',
  '\u202e',
  'a/../b',
  '👍',
  '!',
]

const structures: readonly Structure[] = [
  // A head that is wider than it has to be.
  ({ bytes }, { major, argument, start, body }, _, chance) =>
    spliced(bytes, start, body, headOf(major, argument, 1 + chance.below(3))),
  // Another argument, near or at a bound.
  ({ bytes }, { major, argument, start, body }, _, chance) => {
    const other = chance.once(2) ? chance.one(numbers) : Math.max(0, argument + chance.below(5) - 2)
    return spliced(bytes, start, body, headOf(major, other))
  },
  // Another number that may well be allowed.
  ({ bytes, items }, _, __, chance) => {
    const item = chance.one(items)
    if (item.major > 1) return bytes
    const head = headOf(chance.once(9) ? 1 : 0, chance.below(2 ** chance.below(50)))
    return spliced(bytes, item.start, item.end, head)
  },
  // Other contents of the same length: another key, digest or text.
  ({ bytes }, { major, body, end }, _, chance) => {
    if (major !== 2 && major !== 3) return bytes
    const result = Uint8Array.from(bytes)
    const limit = major === 2 ? 256 : 128
    for (let i = body; i < end; i++) if (chance.once(4)) result[i] = chance.below(limit)
    return result
  },
  // Another major type with the same argument.
  ({ bytes }, { argument, start, body }, _, chance) =>
    spliced(bytes, start, body, headOf(chance.below(8), argument)),
  // No length, and a break at the end.
  ({ bytes }, { major, start, body, end }) => {
    const first = Uint8Array.of((major << 5) | 31)
    return spliced(bytes, start, end, first, bytes.subarray(body, end), Uint8Array.of(0xff))
  },
  // Something else in its place: an odd atom, or a part of another document.
  ({ bytes }, { start, end }, others, chance) => {
    if (chance.once(3)) return spliced(bytes, start, end, chance.one(atoms))
    const other = chance.one(others)
    const part = chance.one(other.items)
    return spliced(bytes, start, end, other.bytes.subarray(part.start, part.end))
  },
  // In a tag, or in a list, or in a thousand.
  ({ bytes }, { start }, _, chance) => {
    const wrap = chance.once(2) ? Uint8Array.of(0xd8, 0x2a) : Uint8Array.of(0x81)
    const times = chance.once(16) ? 1000 : 1
    return spliced(bytes, start, start, ...Array<Uint8Array>(times).fill(wrap))
  },
  changedEntries,
  changedText,
  changedDocumentInside,
]

/** One entry or item less, twice, many times, or elsewhere; mostly with a count that fits. */
function changedEntries(seed: Seed, _: Item, __: readonly Seed[], chance: Chance): Uint8Array {
  const { bytes } = seed
  const item = chance.any(seed.items.filter(({ major, inner }) => major > 3 && inner.length > 0))
  if (item === undefined || item.major === 6) return bytes
  const step = item.major === 5 ? 2 : 1
  const parts: Uint8Array[] = []
  for (let i = 0; i < item.inner.length; i += step) {
    const [first, last] = [item.inner[i] as Item, item.inner[i + step - 1] as Item]
    parts.push(bytes.subarray(first.start, last.end))
  }
  const at = chance.below(parts.length)
  const chosen = parts[at] as Uint8Array
  const kind = chance.below(5)
  if (kind === 0) parts.splice(at, 1)
  if (kind === 1) parts.splice(chance.below(parts.length + 1), 0, chosen)
  if (kind === 2) parts.splice(chance.below(parts.length), 0, ...parts.splice(at, 1))
  if (kind === 3) parts.reverse()
  if (kind === 4) {
    const times = Math.min(chance.once(8) ? 4096 : 64, Math.floor(60_000 / chosen.length))
    parts.push(...Array<Uint8Array>(times).fill(chosen))
  }
  const count = chance.once(8) ? item.argument : parts.length
  return spliced(bytes, item.start, item.end, headOf(item.major, count), ...parts)
}

/** A text with something inserted, with a part of it many times, or with something at its end. */
function changedText(seed: Seed, _: Item, __: readonly Seed[], chance: Chance): Uint8Array {
  const item = chance.any(seed.items.filter(({ major }) => major === 3))
  if (item === undefined) return seed.bytes
  const content = Buffer.from(seed.bytes.subarray(item.body, item.end)).toString('latin1')
  const changed = Buffer.from(changedWord(content, chance), 'utf8')
  return spliced(seed.bytes, item.start, item.end, headOf(3, changed.length), changed)
}

/** A text with something inserted, with a part of it many times, or with something at its end. */
export function changedWord(content: string, chance: Chance): string {
  const at = chance.below(content.length + 1)
  const kind = chance.below(4)
  if (kind === 0) return content.slice(0, at) + chance.one(words) + content.slice(at)
  if (kind === 1) return chance.one(words)
  // What takes a pattern matcher long: a part that fits many times, then one that does not.
  const part = content.slice(at, at + 1 + chance.below(6)) || 'a'
  const times = 1 + chance.below(chance.once(4) ? 400 : 40)
  const pumped = content.slice(0, at) + part.repeat(times)
  return kind === 2 ? pumped + content.slice(at) : pumped + chance.one(words)
}

/** A document in a byte string, mutated in there. */
function changedDocumentInside(
  seed: Seed,
  _: Item,
  others: readonly Seed[],
  chance: Chance,
): Uint8Array {
  const { bytes, items } = seed
  const nested = items.filter(
    ({ major, argument }) => major === 2 && argument > 40 && argument !== 64,
  )
  const item = chance.any(nested)
  if (item === undefined) return bytes
  const body = seedOf(bytes.subarray(item.body, item.end))
  if (body.items.length < 2) return bytes
  const changed = mutatedBytes(body, others, chance)
  return spliced(bytes, item.start, item.end, headOf(2, changed.length), changed)
}

const plain: readonly ((bytes: Uint8Array, chance: Chance) => Uint8Array)[] = [
  (bytes, chance) => {
    const result = Uint8Array.from(bytes)
    const at = chance.below(bytes.length)
    result[at] = (result[at] ?? 0) ^ (1 << chance.below(8))
    return result
  },
  (bytes, chance) => {
    const result = Uint8Array.from(bytes)
    result[chance.below(bytes.length)] = chance.below(256)
    return result
  },
  (bytes, chance) => {
    const at = chance.below(bytes.length + 1)
    return spliced(bytes, at, at, Uint8Array.of(chance.below(256)))
  },
  (bytes, chance) => {
    const at = chance.below(bytes.length)
    return spliced(bytes, at, Math.min(bytes.length, at + 1 + chance.below(8)))
  },
  (bytes, chance) => {
    const at = chance.below(bytes.length)
    return spliced(bytes, at, at, bytes.subarray(at, at + 1 + chance.below(32)))
  },
  (bytes, chance) => bytes.slice(0, chance.below(bytes.length + 1)),
  (bytes, chance) => spliced(bytes, bytes.length, bytes.length, chance.one(atoms)),
]
