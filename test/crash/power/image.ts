import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What is in a folder: the path of each file with its bytes, of each folder with none. */
export type Image = ReadonlyMap<string, Buffer | undefined>

/** Reads what is in a folder. */
export async function imageOf(directory: string): Promise<Image> {
  const image = new Map<string, Buffer | undefined>()
  const all = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of all) {
    const path = join(entry.parentPath, entry.name)
    const bytes = entry.isDirectory() ? undefined : await readFile(path)
    image.set(path.slice(directory.length + 1), bytes)
  }
  return image
}

/** Makes a folder hold just this. */
export async function writeImage(directory: string, image: Image): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  for (const [path, bytes] of [...image].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const at = join(directory, path)
    if (bytes === undefined) await mkdir(at, { recursive: true })
    else {
      await mkdir(dirname(at), { recursive: true })
      await writeFile(at, bytes)
    }
  }
}

/** The paths at which two images are not the same. */
export function differences(a: Image, b: Image): string[] {
  const paths = new Set([...a.keys(), ...b.keys()])
  return [...paths].filter((path) => {
    const [one, other] = [a.get(path), b.get(path)]
    if (a.has(path) !== b.has(path)) return true
    return one === undefined || other === undefined ? one !== other : !one.equals(other)
  })
}
