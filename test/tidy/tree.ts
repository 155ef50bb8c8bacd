import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from './source.ts'

const root = join(import.meta.dirname, '../..')

/** Reads every file that git tracks or would track: what a commit of this moment could hold. */
export function readTree(): SourceFile[] {
  const asked = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const listed = execFileSync('git', asked, { cwd: root, encoding: 'utf8' }).split('\0')
  return [...new Set(listed)]
    .filter((path) => path !== '' && isFile(path))
    .map((path) => ({ path, text: textOf(path) }))
}

/** A path that git still tracks may be gone from the disk. */
function isFile(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true
}

/** A file with a zero byte is not text: built modules and pictures have a name but say nothing. */
function textOf(path: string): string {
  const bytes = readFileSync(join(root, path))
  return bytes.includes(0) ? '' : bytes.toString('utf8')
}
