import { namesIn } from './folder.ts'
import { type BadBytes, LevelFile } from './level-file.ts'
import { piecesOf } from './level-log.ts'
import { badInTable } from './level-table.ts'
import { Version } from './level-version.ts'

/** CURRENT holds one short line; whatever is longer is not read. */
const currentBytesMax = 64

/**
 * What is wrong with the files of a LevelDB that nobody has open, by their own checksums: first in
 * CURRENT and the MANIFEST, then in the tables and logs that count, each in the order of its bytes.
 * While the MANIFEST is bad nobody knows which files count, and none is read.
 *
 * It sees any bit that is not as it was written. No checksum tells of these:
 * - an end of a log or MANIFEST that is gone or zeros, and a last record of which both the length
 *   and the bytes are wrong: so looks a crash;
 * - what is sound but in the wrong place: an older state of a file, a block where another was;
 * - what was wrong before LevelDB computed a checksum;
 * - LOCK and LOG, which hold no rows.
 */
export async function* badBytes(location: string): AsyncGenerator<BadBytes> {
  const name = await manifestOf(location)
  if (typeof name !== 'string') {
    yield name
    return
  }
  const version = new Version()
  const look = (file: LevelFile) => badInManifest(file, version)
  let sound = true
  for await (const bad of badIn(location, [name, 'CURRENT'], look)) {
    sound = false
    yield bad
  }
  if (!sound) return
  const names = await namesIn(location)
  for (const { number, size } of version.tables) {
    yield* badIn(location, [tableName(number, names), name], (file) => badInTable(file, size))
  }
  for (const log of logsOf(version, names)) yield* badIn(location, [log, name], badInLog)
}

/** The name of the MANIFEST that counts. */
async function manifestOf(location: string): Promise<string | BadBytes> {
  const file = await LevelFile.open(location, 'CURRENT')
  if (!(file instanceof LevelFile)) return file
  await using _ = file
  const bytes = await file.read(0, Math.min(file.size, currentBytesMax))
  if (!(bytes instanceof Uint8Array)) return bytes
  const [, name] = /^(MANIFEST-\d{6,})\n$/.exec(Buffer.from(bytes).toString('latin1')) ?? []
  if (name === undefined) return file.bad(0, file.size, 'it names no MANIFEST')
  if ((await namesIn(location)).includes(name)) return name
  return file.bad(0, file.size, `it names ${name}, which is not there`)
}

/** Opens a file that another one names, and tells what is wrong with it. */
async function* badIn(
  location: string,
  [name, by]: readonly [name: string, by: string],
  look: (file: LevelFile) => AsyncIterable<BadBytes>,
): AsyncGenerator<BadBytes> {
  const file = await LevelFile.open(location, name)
  if (!(file instanceof LevelFile)) {
    // It may also be the other that is wrong: a MANIFEST that lost its end names what was before.
    yield { ...file, found: `${file.found}, though ${by} names it` }
    return
  }
  await using _ = file
  yield* look(file)
}

/** What is wrong with a MANIFEST, while a version takes in what it says. */
async function* badInManifest(file: LevelFile, version: Version): AsyncGenerator<BadBytes> {
  let [from, sound] = [0, true]
  let edit: Uint8Array[] = []
  for await (const piece of piecesOf(file)) {
    if ('found' in piece) {
      sound = false
      yield piece
      continue
    }
    if (piece.first) [from, edit] = [piece.from, []]
    edit.push(piece.data.slice())
    if (!piece.last || !sound || version.take(Buffer.concat(edit))) continue
    sound = false
    yield file.bad(from, piece.to, 'this is no list of changes')
  }
  if (sound && !version.whole) yield file.bad(0, file.size, 'it does not say which files count')
}

async function* badInLog(file: LevelFile): AsyncGenerator<BadBytes> {
  for await (const piece of piecesOf(file)) if ('found' in piece) yield piece
}

/** The name of a table: LevelDB takes one by its old name if there is none by the new. */
function tableName(number: number, names: readonly string[]): string {
  const [name, old] = [fileName(number, 'ldb'), fileName(number, 'sst')]
  return names.includes(old) && !names.includes(name) ? old : name
}

/** The names of the logs that count, the oldest first: that of the MANIFEST must be there. */
function logsOf({ log, previousLog }: Version, names: readonly string[]): string[] {
  const numbers = new Set(log === 0 ? [] : [log])
  for (const name of names) {
    const number = Number(/^(\d{6,})\.log$/.exec(name)?.[1])
    if (number >= log || number === previousLog) numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b).map((number) => fileName(number, 'log'))
}

function fileName(number: number, kind: string): string {
  return `${String(number).padStart(6, '0')}.${kind}`
}
