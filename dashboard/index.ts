/** The wall, as it is served: static files, which are built where they are not there yet. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export { writeSnapshot } from './snapshot.ts'

const run = promisify(execFile)
const room = import.meta.dirname
const built = join(room, 'built')

/** What the wall is made of: its own sources, and what it takes from other rooms. */
const sources = [
  'src',
  'package.json',
  'vite.config.ts',
  '../ledger',
  '../specs',
  '../mesh/browser',
  '../mesh/data',
]

/** The directory of the built wall: made in seconds the first time, and after each change. */
export async function builtWall(): Promise<string> {
  const out = join(built, await digestOfSources())
  if (await isDirectory(out)) return out
  await mkdir(built, { recursive: true })
  const work = await mkdtemp(join(built, 'work-'))
  try {
    const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin')
    await run(process.execPath, [join(vite, 'vite.js'), 'build', '--logLevel', 'warn'], {
      cwd: room,
      env: {
        ...{ NEXAPOD_WALL_OUT: join(work, 'site'), NEXAPOD_WALL_WORK: join(work, 'kit') },
      },
    })
    await rename(join(work, 'site'), out).catch(async (cause: unknown) => {
      // Another process was building it at the same time, and was first.
      if (!(await isDirectory(out))) throw cause
    })
    return out
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const source of sources) {
    const path = join(room, source)
    const names = (await isDirectory(path)) ? await filesIn(path) : ['']
    for (const name of names) hash.update(`${name}\0`).update(await readFile(join(path, name)))
  }
  return hash.digest('hex').slice(0, 16)
}

async function filesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true })
  const isSource = (name: string) => {
    return /\.(ts|svelte|css|html|svg)$/.test(name) && !/node_modules|\.test\.ts$/.test(name)
  }
  return names.filter(isSource).sort()
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false
    throw cause
  }
}
