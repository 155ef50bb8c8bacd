import { readFile } from 'node:fs/promises'

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
}

const files = [
  { path: '/', at: new URL('./face.html', import.meta.url), type: 'text/html' },
  { path: '/face.css', at: new URL('./face.css', import.meta.url), type: 'text/css' },
  { path: '/face.js', at: new URL('./face.js', import.meta.url), type: 'text/javascript' },
] as const

/** What may be fetched without the key, by its path: it is the same for every node. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const read = files.map(async ({ path, at, type }): Promise<[string, PageFile]> => {
    return [path, { type: `${type}; charset=utf-8`, bytes: await readFile(at) }]
  })
  return new Map(await Promise.all(read))
}
