import { isBelow, type Unit } from '@nexapod/specs'
import type { Content, FileAt, Room } from './executor.ts'

/**
 * The files of all inputs, with their paths in the sandbox; undefined where one is not there any
 * more, has names that a sandbox cannot have, or where there is no room for all of them.
 */
export async function inputFiles(
  inputs: Unit['inputs'],
  content: Content,
  room: Room,
): Promise<readonly FileAt[] | undefined> {
  let { bytesMax, filesMax } = room
  const files: FileAt[] = []
  for (const input of inputs) {
    const given = await filesAt(input, content, { bytesMax, filesMax })
    if (given === undefined) return undefined
    for (const file of given) {
      bytesMax -= file.bytes.length
      files.push(file)
    }
    filesMax -= given.length
    if (bytesMax < 0 || filesMax < 0) return undefined
  }
  return files
}

async function filesAt(
  { path, kind, from }: Unit['inputs'][number],
  content: Content,
  room: Room,
): Promise<readonly FileAt[] | undefined> {
  if (from.type === 'text') return [{ path, bytes: new TextEncoder().encode(from.text) }]
  if (from.type === 'bytes') return [{ path, bytes: from.bytes }]
  if (kind === 'file') {
    const bytes = await content.file(from.cid, room, from.below)
    return bytes === undefined ? undefined : [{ path, bytes }]
  }
  const files = await content.directory(from.cid, room, from.below)
  if (files === undefined || !canLie(files)) return undefined
  const below = files.map((file) => ({ path: `${path}/${file.path}`, bytes: file.bytes }))
  return below.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Whether all names are those of a job, no two differ in case alone, and none lies in a file. */
function canLie(files: readonly FileAt[]): boolean {
  const spelled = new Map<string, string>()
  const isFile = new Set(files.map(({ path }) => path.toLowerCase()))
  if (isFile.size < files.length) return false
  for (const { path } of files) {
    if (!isBelow(path)) return false
    for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
      const above = path.slice(0, cut)
      const lower = above.toLowerCase()
      if (isFile.has(lower) || (spelled.get(lower) ?? above) !== above) return false
      spelled.set(lower, above)
    }
  }
  return true
}
