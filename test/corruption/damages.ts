import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Draws whole numbers below a bound. */
type Draw = (below: number) => number

/** A stream of numbers that a seed gives: xorshift over 32 bits. */
function drawOf(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** The files of a store, by what they are. */
const targets = {
  log: /level\/\d+\.log$/,
  table: /level\/\d+\.ldb$/,
  manifest: /level\/MANIFEST-\d+$/,
  current: /level\/CURRENT$/,
  anchor: /^anchor$/,
  format: /^format$/,
} as const

/** A file of a store. */
type Target = keyof typeof targets

type Deed = (path: string, draw: Draw, others: readonly string[]) => Promise<void>

/** What can happen to a file. */
const deeds: Readonly<Record<string, Deed>> = {
  flip: changed((bytes, draw) => {
    const at = draw(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << draw(8))
    return bytes
  }),
  zeros: changed((bytes, draw) => {
    const at = draw(bytes.length)
    return bytes.fill(0, at, Math.min(bytes.length, at + 512))
  }),
  noise: changed((bytes, draw) => {
    const at = draw(bytes.length)
    const end = Math.min(bytes.length, at + 1 + draw(64))
    for (let i = at; i < end; i++) bytes[i] = draw(256)
    return bytes
  }),
  cut: async (path, draw) => await truncate(path, draw((await stat(path)).size)),
  empty: async (path) => await truncate(path, 0),
  swap: changed((bytes, draw) => {
    const length = 1 + draw(Math.max(1, Math.min(4096, bytes.length >> 2)))
    const one = draw(Math.max(1, (bytes.length >> 1) - length))
    const other = (bytes.length >> 1) + draw(Math.max(1, (bytes.length >> 1) - length))
    const [a, b] = [one, other].map((at) => Buffer.from(bytes.subarray(at, at + length)))
    if (a && b) bytes.set(b, one)
    if (a && b) bytes.set(a.subarray(0, bytes.length - other), other)
    return bytes
  }),
  reorder: changed((bytes, draw) => {
    const at = draw(bytes.length)
    return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)])
  }),
  delete: changed((bytes, draw) => {
    const at = draw(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draw(4096))])
  }),
  double: changed((bytes, draw) => {
    const at = draw(bytes.length)
    const part = bytes.subarray(at, at + 1 + draw(4096))
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)])
  }),
  missing: async (path) => await rm(path),
  another: async (path, draw, others) => {
    const from = others.filter((other) => other !== path)
    await writeFile(path, await readFile(from[draw(from.length)] as string))
  },
}

/** What is done to which file in the case of a seed. */
export function caseOf(seed: number): { readonly target: Target; readonly deed: string } {
  const kinds = Object.keys(targets) as Target[]
  // Where the bytes are: logs and tables come more often than the small files beside them.
  const bag = [...kinds, 'log', 'log', 'log', 'table', 'table', 'table', 'manifest'] as Target[]
  const names = Object.keys(deeds)
  const target = bag[seed % bag.length] as Target
  const deed = names[Math.floor(seed / bag.length) % names.length] as string
  return { target, deed }
}

/** Damages one file of a store, as a seed says. */
export async function damage(folder: string, seed: number): Promise<void> {
  const draw = drawOf(seed)
  const { target, deed } = caseOf(seed)
  const all = (await readdir(folder, { recursive: true })).sort()
  const files = all.filter((name) => /^anchor$|^format$|level\/\w/.test(name))
  const hit = files.filter((name) => targets[target].test(name))
  const path = join(folder, hit[draw(hit.length)] as string)
  const others = files.map((name) => join(folder, name))
  await deeds[deed]?.(path, draw, others)
}

function changed(change: (bytes: Buffer<ArrayBuffer>, draw: Draw) => Buffer): Deed {
  return async (path, draw) => {
    const bytes = await readFile(path)
    if (bytes.length > 0) await writeFile(path, change(bytes, draw))
  }
}
