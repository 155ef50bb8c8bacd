import { delimiter } from 'node:path'

const named = process.env.NEXAPOD_REQUIRE ?? ''

/** What a machine must have: a test that needs one of these fails where it is missing. */
const required: ReadonlySet<string> = new Set(named.split(',').filter((name) => name !== ''))

/** Whether a test is skipped: what it needs is missing, and nobody said that it must be there. */
export function missing(need: string, isThere: boolean): boolean {
  return !isThere && !required.has(need)
}

/** Where programs are looked for, a directory before all others. */
export function pathBehind(directory: string): string {
  return [directory, process.env.PATH ?? ''].join(delimiter)
}

/** The file of the authorities that Node.js is told to believe beside its own, if there is one. */
export const authorities = process.env.NODE_EXTRA_CA_CERTS
