import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saidBy } from './command.ts'
import type { Way } from './sense.ts'

/** How much of a name the kernel of Linux keeps. */
const keptLength = 15

/**
 * The names of all programs that run, as the kernel of Linux shows them: what each calls itself,
 * and what it was called by. Programs rename themselves.
 */
export function proc(directory = '/proc'): Way<readonly string[]> {
  const textIn = (id: string, name: string) => {
    // A process may end while somebody looks.
    return readFile(join(directory, id, name), 'utf8').catch(() => '')
  }
  return {
    async look() {
      const ids = (await readdir(directory).catch(() => [])).filter((name) => /^\d+$/.test(name))
      const found = await Promise.all(
        ids.flatMap((id) => [
          textIn(id, 'comm').then((text) => text.trim()),
          textIn(id, 'cmdline').then((text) => lastOf(text.split('\0', 1)[0] ?? '')),
        ]),
      )
      const names = [...new Set(found)].filter((name) => name !== '')
      return names.length === 0 ? undefined : names
    },
  }
}

/** The same as macOS tells them, by their paths. */
export const ps: Way<readonly string[]> = {
  async look() {
    const said = await saidBy('ps', '-A', '-o', 'comm=')
    return said === undefined ? undefined : namesOfPs(said)
  },
}

/** The same as Windows tells them. */
export const tasklist: Way<readonly string[]> = {
  async look() {
    const said = await saidBy('tasklist', '/fo', 'csv', '/nh')
    return said === undefined ? undefined : namesOfTasklist(said)
  },
}

/** The last name of each path. */
export function namesOfPs(said: string): readonly string[] {
  const paths = said.split('\n').map((line) => line.trim())
  return paths.filter((path) => path !== '').map(lastOf)
}

/** What stands first in each line, in quotes. */
export function namesOfTasklist(said: string): readonly string[] {
  return Array.from(said.matchAll(/^"([^"]+)"/gm), ([, name = '']) => name)
}

/** Which of the owner's list run: by name, whatever its case, and with or without an ending. */
export function running(
  wanted: readonly string[],
  names: readonly string[],
  isCut = process.platform === 'linux',
): readonly string[] {
  const known = new Set(names.map(plain))
  return wanted.filter((one) => {
    return known.has(plain(one)) || (isCut && known.has(plain(one.slice(0, keptLength))))
  })
}

/** The last name of a path, of Windows too: its programs run elsewhere. */
function lastOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.exe$/, '')
}
