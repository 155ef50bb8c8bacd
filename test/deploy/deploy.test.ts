import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { programOf } from '../../cli/program.ts'
import { Metrics } from '../../coordinator/shell/http/metrics.ts'
import { missing } from '../config.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const at = (...names: string[]) => join(root, 'deploy', ...names)
let scratch = ''

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'nexapod-deploy-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

interface Ran {
  readonly exit: number | null
  readonly said: string
}

function ran(program: string, args: readonly string[], cwd = root): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  return { exit: status, said: `${stdout}${stderr}` }
}

const has = (program: string) => spawnSync(program, ['--version']).status === 0

describe.skipIf(missing('compose', has('docker-compose')))('the composition', () => {
  const configOf = (file: string) => ran('docker-compose', ['-f', file, 'config', '-q'])

  test('is one that compose takes', () => {
    expect(configOf(at('compose', 'compose.yaml'))).toEqual({ exit: 0, said: '' })
  })

  test('would not be with a key that there is not', async () => {
    const text = await readFile(at('compose', 'compose.yaml'), 'utf8')
    const file = join(scratch, 'compose.yaml')
    await writeFile(file, text.replace('read_only:', 'readonly:'))
    expect(configOf(file).exit).not.toBe(0)
  })
})

describe.skipIf(missing('promtool', has('promtool')))('what is told by Prometheus', () => {
  test('is rules that it takes, and that fire when they should and not before', () => {
    const said = ran('promtool', ['test', 'rules', 'alerts.test.yml'], at('prometheus'))
    expect(said).toMatchObject({ exit: 0 })
    const config = ran('promtool', ['check', 'config', 'prometheus.yml'], at('prometheus'))
    expect(config).toMatchObject({ exit: 0 })
  })
})

test('alerts and dashboards ask for metrics that there are', async () => {
  using metrics = new Metrics()
  metrics.note('GET', '/', 200, 0)
  const status = { nodes: 0, jobs: 0, leases: 0, openUnits: 0, size: 0, checkpointed: 0, epoch: 0 }
  const text = metrics.text(
    { ...status, draining: false } as Parameters<Metrics['text']>[0],
    { streams: 0, uploadedBytes: 0 } as Parameters<Metrics['text']>[1],
  )
  const known = new Set(text.match(/^nexapod_\w+/gm))
  const files = [
    at('prometheus', 'alerts.yml'),
    at('prometheus', 'alerts.test.yml'),
    at('grafana', 'dashboards', 'nexapod.json'),
  ]
  for (const file of files) {
    const asked = (await readFile(file, 'utf8')).match(/\bnexapod_\w+/g) ?? []
    expect(asked.length, file).toBeGreaterThan(5)
    for (const name of new Set(asked)) expect(known, file).toContain(name)
  }
})

describe('manifests for Kubernetes', async () => {
  const files = (await readdir(at('kubernetes'))).filter((name) => name.endsWith('.yaml'))

  test('have the keys and types of its API, version 1.30, and no other', async () => {
    const documents = await Promise.all(files.map((file) => documentsIn(at('kubernetes', file))))
    const checked = await typed(documents.flat())
    expect(checked).toEqual({ exit: 0, said: '' })
  })

  test('would not pass with a key that there is not, or a number for a text', async () => {
    const [file = ''] = files
    const documents = await documentsIn(at('kubernetes', file))
    const spoilt = JSON.parse(JSON.stringify(documents).replace('"serviceName"', '"servicename"'))
    expect((await typed(spoilt)).said).toMatch(/servicename.* does not exist/)
    const wrong = JSON.parse(
      JSON.stringify(documents).replace('"containerPort":4001', '"containerPort":"x"'),
    )
    expect((await typed(wrong)).exit).not.toBe(0)
  })
})

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

async function documentsIn(file: string): Promise<readonly Manifest[]> {
  const parsed = parseAllDocuments(await readFile(file, 'utf8'), { merge: true })
  return parsed.map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Manifest
  })
}

/** Has the compiler hold each against the type that the API has for its kind. */
async function typed(documents: readonly Manifest[]): Promise<Ran> {
  const lines = documents.map((document, i) => {
    const [group = '', version] = document.apiVersion.split('/')
    const path = version === undefined ? `core/${group}` : `${group.split('.')[0]}/${version}`
    const type = `import('kubernetes-types/${path}').${document.kind}`
    return `export const manifest${i}: ${type} = ${JSON.stringify(document, null, 1)}\n`
  })
  const file = join(scratch, 'manifests.ts')
  await writeFile(file, lines.join(''))
  const paths = join(root, 'node_modules/kubernetes-types')
  const config = join(scratch, 'tsconfig.json')
  await writeFile(
    config,
    JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', types: [] },
        paths: { 'kubernetes-types/*': [`${paths}/*.d.ts`] },
      },
      files: [file],
    }),
  )
  return ran(join(root, 'node_modules/.bin/tsc'), ['-p', config])
}

describe.skipIf(missing('systemd', has('systemd-analyze')))('the unit of a coordinator', () => {
  test('is one that systemd has nothing to say against, and closed', async () => {
    const file = join(scratch, 'nexapod-coordinator.service')
    const text = await readFile(at('systemd', 'nexapod-coordinator.service'), 'utf8')
    // Where it is installed there is no program on this machine.
    await writeFile(file, text.replace('/opt/nexapod/node_modules/.bin/node', process.execPath))
    expect(ran('systemd-analyze', ['verify', '--man=no', file])).toEqual({ exit: 0, said: '' })
    // Its parts of a hundred of what a unit could do: 92 for one that says nothing.
    const security = ['security', '--offline=true', '--threshold=20', file]
    expect(ran('systemd-analyze', security)).toMatchObject({ exit: 0 })
  })
})

describe('what is typed in there', () => {
  test('is what can be typed', async () => {
    const files = (await readdir(at(), { recursive: true })).filter((name) => {
      return /\.(ya?ml|service|md)$/.test(name)
    })
    let lines = 0
    for (const file of files) {
      const text = (await readFile(at(file), 'utf8')).replaceAll(/\\\n\s*/g, '')
      for (const words of typedIn(text)) {
        expect(unknownIn(words), `${file}: ${words.join(' ')}`).toEqual([])
        lines++
      }
    }
    expect(lines).toBeGreaterThan(10)
  })
})

/** The words of each command in a text: behind the program, or as a list of arguments. */
function typedIn(text: string): readonly (readonly string[])[] {
  const behind = text.matchAll(
    /(?:cli\/main\.js|\bnexapod) ((?:coordinator|node|mesh|job|credit|verify|data|ledger|key)\b[^\n`|#)]*)/g,
  )
  const lists = text.matchAll(/(?:args|command):(?: &\w+)?\n((?:\s+- [^|\n]*\n)+)/g)
  return [
    ...[...behind].map(([, line = '']) => line.split(/\s+/)),
    ...[...lists].map(([, list = '']) => {
      return list
        .trim()
        .split('\n')
        .map((line) => line.replace(/^\s*- /, ''))
    }),
  ].filter(([first = '']) => commands.has(first))
}

const program = programOf(
  { stdout: process.stdout, stderr: process.stderr } as unknown as Parameters<typeof programOf>[0],
  {},
)
const commands = new Set(program.commands.map((command) => command.name()))

/** Words that no verb is called by, and options that it does not have. */
function unknownIn(words: readonly string[]): readonly string[] {
  let command: Command = program
  const unknown: string[] = []
  for (const [i, word] of words.entries()) {
    if (word.startsWith('--')) {
      const name = word.replace(/=.*$/, '')
      const known = [...command.options, ...program.options].some(({ long }) => long === name)
      if (!known && command.name() !== 'ledger') unknown.push(name)
      continue
    }
    const next = command.commands.find((one) => one.name() === word)
    if (next !== undefined) command = next
    else if (i < 2 && command.commands.length > 0) unknown.push(word)
  }
  return unknown
}
