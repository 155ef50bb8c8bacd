import { lines, manifest, type Plant, plant } from './plants.ts'

const face = (room: string, ...faces: string[]): string => {
  const exports = faces.map((sub) => [sub, `${sub === '.' ? '.' : sub}/index.ts`])
  return manifest(`@nexapod/${room}`, { exports: Object.fromEntries(exports) })
}

/** What breaks the rules about rooms, homes, circles, names, size and dependencies. */
export const BREAKS_STRUCTURE: readonly Plant[] = [
  plant('room-sees', 'specs sees a room', 'specs/job.ts', `import '@nexapod/ledger'`),
  plant('room-sees', 'the ledger sees the mesh', 'ledger/fold.ts', `export * from '@nexapod/mesh'`),
  plant(
    'room-sees',
    'the mesh sees a type of the ledger',
    'mesh/road.ts',
    `type A = import('@nexapod/ledger').A`,
  ),
  plant(
    'room-sees',
    'the dashboard sees the store',
    'dashboard/src/wall.ts',
    `import '@nexapod/ledger/store'`,
  ),
  plant(
    'room-sees',
    'a wall sees all of node',
    'dashboard/a.svelte',
    `<script lang="ts">\nimport '@nexapod/node'</script>`,
  ),
  plant(
    'room-sees',
    'the CLI opens the store',
    'cli/verify.ts',
    `await import('@nexapod/ledger/store')`,
  ),
  plant(
    'room-sees',
    'a node sees the coordinator',
    'node/core/step.ts',
    `import '@nexapod/coordinator'`,
  ),
  plant('room-sees', 'a node runs the command', 'node/a.ts', `import '@nexapod/ledger/command'`),
  plant('room-sees', 'a room that the table does not know', 'cellar/a.ts', ''),
  plant('face-only', 'a path into another room', 'ledger/chain.ts', `import '../specs/limits.ts'`),
  plant('face-only', 'an example goes by path', 'examples/pi/a.ts', `import '../../cli/index.ts'`),
  plant('face-only', 'a room imports test/', 'mesh/a.test.ts', `import '../test/mesh.ts'`),
  plant('face-only', 'code imports a test', 'mesh/a.ts', `import './b.test.ts'`),
  plant(
    'shell-sees-core',
    'the core sees the shell',
    'node/core/step.ts',
    `import '../shell/clock.ts'`,
  ),
  plant('browser-half', 'far from the face', 'node/executors/wasm.ts', `import 'node:fs'`, {
    'node/browser/index.ts': `import '../executors/wasm.ts'`,
  }),
  plant('browser-half', 'in another room', 'mesh/browser/dial.ts', `import 'node:net'`, {
    'mesh/package.json': manifest('@nexapod/mesh', {
      exports: { './browser': './browser/dial.ts' },
    }),
    'node/browser/index.ts': `import '@nexapod/mesh/browser'`,
  }),
  plant('no-circles', 'two files', 'mesh/a.ts', `import './b.ts'`, {
    'mesh/b.ts': `import './a.ts'`,
  }),
  plant('no-circles', 'types only', 'mesh/a.ts', `import type { B } from './b.ts'`, {
    'mesh/b.ts': `import type { A } from './c.ts'`,
    'mesh/c.ts': `export type { A } from './a.ts'`,
  }),
  plant('no-circles', 'through faces', 'ledger/index.ts', `import '@nexapod/mesh'`, {
    'ledger/package.json': face('ledger', '.'),
    'mesh/package.json': face('mesh', '.'),
    'mesh/index.ts': `import '@nexapod/ledger'`,
  }),
  plant('no-circles', 'with itself', 'mesh/a.ts', `await import('./a.ts')`),
  plant('one-home', 'level', 'ledger/fold.ts', `import { Level } from 'level'`),
  plant(
    'one-home',
    'classic-level',
    'node/shell/a.ts',
    `import { ClassicLevel } from 'classic-level'`,
  ),
  plant(
    'one-home',
    'libp2p',
    'node/shell/dial.ts',
    `import type { Stream } from '@libp2p/interface'`,
  ),
  plant('one-home', 'an old libp2p', 'cli/a.ts', `import { noise } from '@chainsafe/libp2p-noise'`),
  plant('one-home', 'helia', 'cli/add.ts', `const { createHelia } = await import('helia')`),
  plant('one-home', 'fastify', 'coordinator/core/admit.ts', `import fastify from 'fastify'`),
  plant('one-home', 'dockerode', 'node/shell/a.ts', `import Docker from 'dockerode'`),
  plant('one-home', 'noble', 'ledger/sign.ts', `import { verify } from '@noble/ed25519'`),
  plant(
    'one-verify',
    'ZIP215 by default',
    'specs/signed/a.ts',
    `import { verify } from '@noble/ed25519'\nverify(s, m, k)`,
  ),
  plant(
    'one-verify',
    'ZIP215 by wish',
    'specs/signed/a.ts',
    `import * as ed from '@noble/ed25519'\ned.verify(s, m, k, { zip215: true })`,
  ),
  plant('one-verify', 'a second verify', 'mesh/hello.ts', `import { verify } from 'node:crypto'`),
  plant('whole-names', 'no ending', 'mesh/a.ts', `import './b'`),
  plant('whole-names', 'the ending of another file', 'mesh/a.ts', `export { b } from './b.js'`),
  plant('file-names', 'utils', 'mesh/utils.ts', ''),
  plant('file-names', 'a folder of helpers', 'mesh/test-helpers/a.ts', ''),
  plant('file-names', 'types', 'ledger/types.ts', ''),
  plant('file-names', 'capitals', 'ledger/readTree.ts', ''),
  plant('file-names', 'underscores', 'docs/how_to.md', ''),
  plant('file-length', 'too long', 'mesh/a.ts', lines(321, 'x()')),
  plant('function-length', 'a function', 'mesh/a.ts', `function f() {\n${lines(80, 'x()')}}`),
  plant('function-length', 'a test', 'mesh/a.test.ts', `test('a', () => {\n${lines(80, 'x()')}})`),
  plant('line-length', 'code', 'mesh/a.ts', `x('${'word '.repeat(20)}')`),
  plant('line-length', 'prose', 'README.md', 'word '.repeat(21)),
]

/** What breaks the rules about dependencies. */
export const BREAKS_DEPENDENCIES: readonly Plant[] = [
  plant('dependency-declared', 'by nobody', 'mesh/a.ts', `import 'left-pad/lib'`, {
    'mesh/package.json': face('mesh'),
  }),
  plant('dependency-declared', 'by the root only', 'mesh/a.ts', `import 'it-pipe'`, {
    'package.json': manifest('house', { devDependencies: { 'it-pipe': '1.0.0' } }),
    'mesh/package.json': face('mesh'),
  }),
  plant('dependency-declared', 'a room of ours', 'mesh/a.ts', `import '@nexapod/specs'`, {
    'mesh/package.json': face('mesh'),
  }),
  plant(
    'dependency-used',
    'by nobody',
    'mesh/package.json',
    manifest('m', { dependencies: { helia: '7.0.0' } }),
  ),
  plant(
    'dependency-used',
    'by another package',
    'package.json',
    manifest('h', { devDependencies: { helia: '7.0.0' } }),
    {
      'mesh/package.json': face('mesh'),
      'mesh/a.ts': `import 'helia'`,
    },
  ),
  plant(
    'dependency-used',
    'types that nothing names',
    'package.json',
    manifest('h', { devDependencies: { '@types/ws': '8.0.0' } }),
  ),
  plant(
    'dependency-pinned',
    'a caret',
    'package.json',
    manifest('h', { devDependencies: { knip: '^6.0.0' } }),
  ),
  plant(
    'dependency-pinned',
    'a tag',
    'mesh/package.json',
    manifest('m', { dependencies: { helia: 'latest' } }),
  ),
  plant(
    'dependency-has-a-reason',
    'no row',
    'mesh/package.json',
    manifest('m', { dependencies: { helia: '7.0.0' } }),
    {
      'ARCHITECTURE.md': '| `libp2p` | the road |\n',
    },
  ),
]

/** What comes close to breaking them, and does not. */
export const KEEPS_STRUCTURE: readonly Plant[] = [
  plant(
    'room-sees',
    'the coordinator stores',
    'coordinator/shell/a.ts',
    `import '@nexapod/ledger/store'`,
  ),
  plant('room-sees', 'a tab computes', 'dashboard/src/tab.ts', `import '@nexapod/node/browser'`),
  plant('room-sees', 'tests see every room', 'test/whole.test.ts', `import '@nexapod/coordinator'`),
  plant('face-only', 'a path within a room', 'ledger/a/b.ts', `import '../c/d.ts'`),
  plant(
    'shell-sees-core',
    'the shell sees the core',
    'node/shell/a.ts',
    `import '../core/step.ts'`,
  ),
  plant('browser-half', 'a type', 'node/browser/a.ts', `import type { Hash } from 'node:crypto'`),
  plant('browser-half', 'the other half', 'node/shell/a.ts', `import 'node:fs'`, {
    'node/browser/a.ts': '',
  }),
  plant('no-circles', 'a diamond', 'mesh/a.ts', `import './b.ts'\nimport './c.ts'`, {
    'mesh/b.ts': `import './d.ts'`,
    'mesh/c.ts': `import './d.ts'`,
    'mesh/d.ts': '',
  }),
  plant('one-home', 'at home', 'mesh/libp2p.ts', `import { createLibp2p } from 'libp2p'`),
  plant(
    'one-home',
    'a benchmark beside the bare library',
    'test/bench/a.ts',
    `import '@noble/ed25519'`,
  ),
  plant(
    'one-verify',
    'strict',
    'specs/signed/a.ts',
    `import { verify } from '@noble/ed25519'\nverify(s, m, k, { zip215: false })`,
  ),
  plant(
    'whole-names',
    'data',
    'specs/a.ts',
    `import vectors from './vectors.json' with { type: 'json' }`,
  ),
  plant('file-names', 'a route', 'dashboard/src/routes/[owner]/+page.svelte', ''),
  plant('file-names', 'a front page', 'CONTRIBUTING.md', ''),
  plant('file-names', 'a toolchain of its own', 'examples/pi/Cargo.toml', ''),
  plant(
    'function-length',
    'a list of tests',
    'a.test.ts',
    `describe.each(x)('a', () => {\n${lines(80, 'x()')}})`,
  ),
  plant('line-length', 'a table', 'README.md', `| ${'word '.repeat(21)} |`),
  plant('line-length', 'quoted code', 'README.md', `\`\`\`\n${'word '.repeat(21)}\n\`\`\``),
  plant('line-length', 'a digest', 'mesh/a.ts', `const digest = '${'0f'.repeat(60)}'`),
  plant('dependency-declared', 'a test uses the root', 'mesh/a.test.ts', `import 'vitest'`, {
    'package.json': manifest('house', { devDependencies: { vitest: '5.0.0' } }),
    'mesh/package.json': face('mesh'),
  }),
  plant(
    'dependency-declared',
    'aliases and builtins',
    'mesh/a.ts',
    `import '#lib/a.ts'\nimport 'node:fs'`,
  ),
  plant(
    'dependency-used',
    'a command',
    'package.json',
    manifest('h', { scripts: { a: 'x && tsc -p .' }, devDependencies: { typescript: '7.0.0' } }),
  ),
  plant(
    'dependency-used',
    'ambient types',
    'package.json',
    manifest('h', { devDependencies: { '@types/node': '24.0.0' } }),
    {
      'tsconfig.json': '{ "types": ["node"] }',
    },
  ),
  plant(
    'dependency-pinned',
    'one of ours',
    'mesh/package.json',
    manifest('m', { dependencies: { '@nexapod/specs': 'workspace:*' } }),
  ),
  plant(
    'dependency-has-a-reason',
    'a row',
    'mesh/package.json',
    manifest('m', { dependencies: { helia: '7.0.0' } }),
    {
      'ARCHITECTURE.md': '| `helia` | content by CID |\n',
    },
  ),
]
