import { posix } from 'node:path'
import type { SourceFile } from './source.ts'

/**
 * Every room of the house and what it may import of ours: the one table of ARCHITECTURE.md's
 * arrows. A name is a package (`@nexapod/<name>`) with all of its faces, but for the halves below,
 * which are named by themselves.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  specs: [],
  ledger: ['specs'],
  mesh: ['specs'],
  coordinator: ['specs', 'ledger', 'ledger/store', 'mesh', 'node/executors'],
  node: ['specs', 'ledger', 'mesh'],
  cli: ['specs', 'ledger', 'ledger/command', 'mesh', 'node', 'coordinator', 'dashboard'],
  dashboard: ['specs', 'ledger', 'mesh/browser', 'node/browser'],
  deploy: [],
}

/**
 * Faces that open a half of their room: the store and the command over it are not pure, the browser
 * halves run in a tab, and the executors run modules for whoever is no node.
 */
export const HALVES = [
  'ledger/store',
  'ledger/command',
  'mesh/browser',
  'node/browser',
  'node/executors',
] as const

/** Rooms that may import whatever is installed, because nobody imports them. */
export const FREE_ROOMS: readonly string[] = ['test', 'examples']

/** The scope of our own packages. */
export const SCOPE = '@nexapod/'

/** The first folder of a path; the empty string for a file at the root. */
export function roomOf(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** Whether a file is a test, or stands in a folder of tests. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.split('/').includes('test')
}

/** Whether a file is run rather than imported: an emitter, a script, a tool's settings. */
export function isTool(path: string): boolean {
  return /(^|\/)(emit|scripts)\//.test(path) || path.endsWith('.config.ts')
}

/** Whether a file must be pure: specs, the ledger but for store and command, and every `core/`. */
export function isPure(path: string): boolean {
  if (isTest(path) || isTool(path)) return false
  const room = roomOf(path)
  if (room === 'specs') return true
  if (room === 'ledger') return !/^ledger\/(store|command)\//.test(path)
  return path.split('/').slice(0, -1).includes('core')
}

/** The package that a bare specifier names: `@scope/name/deep` is of `@scope/name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Whether a specifier names an installed package: no path, no `node:` module, no alias. */
export function isBare(specifier: string): boolean {
  return !/^(\.|\/|#|\$|node:|data:|https?:|virtual:)/.test(specifier)
}

/** Where a relative specifier leads, as a path from the root. */
export function relativeTo(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier)
}

/** Makes a function that finds the file that an import of ours leads to, through package faces. */
export function resolverOf(
  files: readonly SourceFile[],
): (path: string, specifier: string) => string | undefined {
  const paths = new Set(files.map((file) => file.path))
  const faces = new Map<string, string>()
  for (const { path, text } of files) {
    if (!/^[^/]+\/package\.json$/.test(path)) continue
    const { name, exports = {} } = JSON.parse(text)
    for (const [sub, target] of Object.entries(exports)) {
      if (typeof target === 'string') faces.set(posix.join(name, sub), relativeTo(path, target))
    }
  }
  return (path, specifier) => {
    const found = specifier.startsWith('.') ? relativeTo(path, specifier) : faces.get(specifier)
    return found !== undefined && paths.has(found) ? found : undefined
  }
}
