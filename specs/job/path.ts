import { limits } from '../limits.ts'
import { found, type Place } from '../schema/place.ts'
import type { Notes, Schema } from '../schema/schema.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'

/** Directories that the programs of a unit share, and that are gone after it. */
const scratch = ['/scratch', '/tmp'] as const

/** The directories of the sandbox: given, wanted, and scratch. */
export const roots = {
  /** What a unit may read from its inputs. */
  read: ['/in', ...scratch],
  /** What a unit may leave behind. */
  write: ['/out', ...scratch],
  /** Where a program may stand. */
  any: ['/in', '/out', ...scratch],
  scratch,
} as const

/**
 * A name in a path: portable characters, and no dot at the end, which rules out `.` and `..` and
 * what Windows would rename. No letters beyond ASCII: which of them are the same letter depends on
 * the file system and on the year of its Unicode tables.
 */
const name = '[A-Za-z0-9._+=@,-]*[A-Za-z0-9_+=@,-]'

/** The schema of a path in the sandbox, below some of its directories. */
export function sandboxPath(below: readonly string[], notes: Notes = {}): Schema<string> {
  const pattern = `^(?:${below.join('|')})(?:/${name})*$`
  const matcher = new RegExp(pattern)
  const plain = text({ kind: 'raw', max: limits.pathBytesMax, ...notes })
  const checked = where(plain, (path, place) => {
    if (!matcher.test(path) || !fits(path)) unsafe(path, below, place)
  })
  return { ...checked, json: { ...plain.json, pattern } }
}

const belowPattern = new RegExp(`^${name}(?:/${name})*$`)

/** Whether a relative path of such names stays below where it starts. */
export function isBelow(path: string): boolean {
  return belowPattern.test(path) && fits(path)
}

/** Whether one of two paths is the other or lies inside it, on any file system. */
export function overlap(a: string, b: string): boolean {
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a]
  return `${longer.toLowerCase()}/`.startsWith(`${shorter.toLowerCase()}/`)
}

/** Whether a path is a directory, or lies inside it. */
export function inside(path: string, directory: string): boolean {
  return `${path}/`.startsWith(`${directory}/`)
}

function fits(path: string): boolean {
  const names = path.split('/')
  const long = names.some((one) => one.length > limits.pathNameBytesMax)
  return path.length <= limits.pathBytesMax && names.length <= limits.pathDepthMax && !long
}

function unsafe(path: string, below: readonly string[], place: Place): void {
  const where = below.join(', ')
  place.fault('job.unsafe-path', `expected a plain path in ${where}, found ${found(path)}`)
}
