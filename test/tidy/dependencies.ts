import { posix } from 'node:path'
import { isBare, isTest, isTool, packageOf } from './house.ts'
import { modulesOf, rule, type SourceFile } from './source.ts'

/** Commands that are not called like the package that brings them. */
const COMMANDS: Readonly<Record<string, string>> = {
  typescript: 'tsc',
  '@sveltejs/kit': 'svelte-kit',
}

/** Packages that another one asks for beside itself, and loads. */
const ASKED_FOR: Readonly<Record<string, string>> = {
  '@sveltejs/vite-plugin-svelte': '@sveltejs/kit',
  typescript: 'svelte-check',
}

interface Manifest {
  readonly file: SourceFile
  readonly folder: string
  readonly name: string
  readonly scripts: string
  readonly versions: ReadonlyMap<string, string>
  readonly peers: ReadonlySet<string>
}

/** Every package that is imported is a dependency of the importing package. */
export const declared = rule('dependency-declared', (files, report) => {
  const manifests = manifestsOf(files)
  const root = manifests.find(({ folder }) => folder === '.')
  for (const { file, imports } of modulesOf(files)) {
    const manifest = nearest(manifests, file.path)
    for (const { from, offset } of imports) {
      const name = packageOf(from)
      if (!isBare(from) || name === manifest?.name) continue
      if (manifest?.versions.has(name) || manifest?.peers.has(name)) continue
      if (root?.versions.has(name) && (isTest(file.path) || isTool(file.path))) continue
      const where = manifest?.file.path ?? 'any package.json'
      report(file, `imports ${name}, which ${where} does not name; add it there`, offset)
    }
  }
})

/** Every dependency is imported by its package, run by one of its scripts, or known to tsc. */
export const used = rule('dependency-used', (files, report) => {
  const manifests = manifestsOf(files)
  const modules = modulesOf(files)
  for (const manifest of manifests) {
    const own = modules.filter(({ file }) => nearest(manifests, file.path) === manifest)
    const imported = new Set(
      own.flatMap(({ imports }) => imports.map(({ from }) => packageOf(from))),
    )
    for (const name of manifest.versions.keys()) {
      if (imported.has(name) || isCommand(name, manifest.scripts)) continue
      if (isAmbient(name, imported, files)) continue
      if (manifest.versions.has(ASKED_FOR[name] ?? '')) continue
      report(
        manifest.file,
        `depends on ${name}, which nothing uses; take it out`,
        offsetOf(manifest, name),
      )
    }
  }
})

/** What was tested is what is installed: versions are exact. */
export const pinned = rule('dependency-pinned', (files, report) => {
  for (const manifest of manifestsOf(files)) {
    for (const [name, version] of manifest.versions) {
      if (/^(\d+\.\d+\.\d+(-[\w.]+)?|workspace:\*)$/.test(version)) continue
      const why = `asks for ${name} ${version}; pin one exact version`
      report(manifest.file, why, offsetOf(manifest, name))
    }
  }
})

/** Whoever adds a dependency says why, in the table of ARCHITECTURE.md. */
export const reasoned = rule('dependency-has-a-reason', (files, report) => {
  const page = files.find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? ''
  const reasons = new Set([...page.matchAll(/^\|\s*`([^`]+)`\s*\|/gm)].map((match) => match[1]))
  for (const manifest of manifestsOf(files)) {
    for (const [name, version] of manifest.versions) {
      if (reasons.has(name) || version.startsWith('workspace:')) continue
      const why = `depends on ${name} without a reason; add | \`${name}\` | to ARCHITECTURE.md`
      report(manifest.file, why, offsetOf(manifest, name))
    }
  }
})

function manifestsOf(files: readonly SourceFile[]): Manifest[] {
  return files
    .filter(({ path }) => posix.basename(path) === 'package.json')
    .map((file) => {
      const json = JSON.parse(file.text)
      const kinds = ['dependencies', 'devDependencies', 'optionalDependencies']
      return {
        file,
        folder: posix.dirname(file.path),
        name: json.name,
        scripts: Object.values<string>(json.scripts ?? {}).join('\n'),
        versions: new Map(kinds.flatMap((kind) => Object.entries<string>(json[kind] ?? {}))),
        peers: new Set(Object.keys(json.peerDependencies ?? {})),
      }
    })
}

/** The package that a file belongs to: the one whose folder is its nearest ancestor. */
function nearest(manifests: readonly Manifest[], path: string): Manifest | undefined {
  const above = manifests.filter(({ folder }) => folder === '.' || path.startsWith(`${folder}/`))
  return above.sort((a, b) => b.folder.length - a.folder.length)[0]
}

function isCommand(name: string, scripts: string): boolean {
  const command = COMMANDS[name] ?? posix.basename(name)
  return scripts.split(/[\s;&|]+/).includes(command)
}

/** Types come in use by a tsconfig that names them, or beside the package that they describe. */
function isAmbient(
  name: string,
  imported: ReadonlySet<string>,
  files: readonly SourceFile[],
): boolean {
  if (!name.startsWith('@types/')) return false
  const described = name.slice('@types/'.length)
  if (imported.has(described)) return true
  const configs = files.filter(({ path }) => /(^|\/)tsconfig[^/]*\.json$/.test(path))
  return configs.some(({ text }) => new RegExp(`"types":\\s*\\[[^\\]]*"${described}"`).test(text))
}

function offsetOf({ file }: Manifest, name: string): number {
  return Math.max(0, file.text.lastIndexOf(`"${name}":`))
}
