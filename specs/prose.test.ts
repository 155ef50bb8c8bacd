import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { factSchema } from './fact/fact.ts'
import { parseDescriptor } from './job/descriptor.ts'
import { limits } from './limits.ts'
import { refusals } from './refusal/refusals.ts'
import type { JsonSchema } from './schema/schema.ts'
import { purposeSchema } from './transfer/transfer.ts'
import { protocols, topics } from './wire/protocols.ts'

/** Folders that hold no document, only what documents are checked with. */
const withoutProse = new Set(['emit', 'examples', 'node_modules'])

const specs = import.meta.dirname
const folders = readdirSync(specs, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !withoutProse.has(entry.name))
  .map((entry) => entry.name)

const readme = readFileSync(join(specs, 'README.md'), 'utf8')
const pages = folders.map((folder) => {
  const path = join(specs, folder, `${folder}.md`)
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return { folder, path, text, domains: domainsOf(codeOf(folder)) }
})

describe.each(pages)('the prose of $folder', ({ folder, path, text, domains }) => {
  test('has a header with id, lifecycle and revision', () => {
    const [top] = rowsOf(text)
    const header = new Map(
      rowsOf(text)
        .slice(0, 3)
        .map(([key, value]) => [key, value]),
    )
    expect(top?.[0]).toBe('id')
    expect(domains.length > 0 ? [folder, ...domains] : [folder]).toContain(header.get('id'))
    expect(header.get('lifecycle')).toMatch(/^(Draft|Stable|Superseded)$/)
    expect(header.get('revision')).toMatch(/^r[1-9]\d*, \d{4}-\d{2}$/)
  })

  test('names every domain of the code in one header or table, and no other', () => {
    const named = cellsOf(text).filter((cell) => isDomain(cell))
    expect(named.sort()).toEqual([...domains].sort())
  })

  test('names no limit that there is not', () => {
    const code = folders.map(codeOf).join('\n')
    const unknown = limitsNamed(text).filter((name) => !isLimit(name) && !isKey(name, code))
    expect(unknown).toEqual([])
  })

  test('leads nowhere that there is nothing', () => {
    expect(linksOf(text).filter((link) => !existsSync(join(dirname(path), link)))).toEqual([])
  })

  test('leads to its schema and to its vectors', () => {
    const own = readdirSync(join(specs, folder)).filter((file) =>
      /(vectors|\.schema)\.json$/.test(file),
    )
    expect(linksOf(text)).toEqual(expect.arrayContaining(own.filter((file) => !isGossip(file))))
  })
})

describe('the table of documents', () => {
  test('has every domain of the code once', () => {
    const named = cellsOf(readme).filter((cell) => isDomain(cell))
    expect(named.sort()).toEqual(pages.flatMap(({ domains }) => domains).sort())
  })

  test('leads to every prose file, and nowhere that there is nothing', () => {
    const links = linksOf(readme)
    expect(links.filter((link) => !existsSync(join(specs, link)))).toEqual([])
    for (const { folder } of pages) expect(links).toContain(`${folder}/${folder}.md`)
  })

  test('names no limit that there is not', () => {
    expect(limitsNamed(readme).filter((name) => !isLimit(name) && name !== 'bytesMax')).toEqual([])
  })
})

test('every protocol and topic stands in the tables of the wire', () => {
  const wire = cellsOf(proseOf('wire'))
  for (const { id } of [...Object.values(protocols), ...Object.values(topics)]) {
    expect(wire.filter((cell) => cell === id)).toEqual([id])
  }
})

test('every message stands in a table of the wire', () => {
  const named = firstCellsOf('wire')
  for (const { out, back } of Object.values(protocols)) {
    for (const type of [...typesOf(itemOf(out.json)), ...typesOf(itemOf(back.json))]) {
      expect(named, type).toContain(type)
    }
  }
})

test('the table of refusals is a mirror of the code', () => {
  const rows = rowsOf(proseOf('refusal')).filter(([code = '']) => /^[a-z]+\.[a-z0-9-]+$/.test(code))
  const table = Object.entries(refusals).map(([code, { fault, http, what, todo }]) => {
    return [code, fault, String(http), what, todo]
  })
  expect(rows).toEqual(table)
})

test.each(pages)('$folder names no refusal that there is not', ({ text }) => {
  const groups = new Set(Object.keys(refusals).map((code) => code.split('.')[0]))
  const named = quoted(text).filter((name) => /^[a-z]+\.[a-z0-9-]+$/.test(name))
  const codes = named.filter((name) => groups.has(name.split('.')[0]) && !/\.(ts|json)$/.test(name))
  expect(codes.filter((code) => !Object.hasOwn(refusals, code))).toEqual([])
})

test('every fact has its row', () => {
  expect(firstCellsOf('fact')).toEqual(expect.arrayContaining(typesOf(factSchema.json)))
})

test('every purpose of a transfer has its row', () => {
  expect(firstCellsOf('transfer')).toEqual(expect.arrayContaining(typesOf(purposeSchema.json)))
})

const written = [...proseOf('job').matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => match[1])

test('there are descriptors to read in the prose of the job', () => {
  expect(written.length).toBeGreaterThan(1)
})

test.each(written)('a descriptor of the prose is taken: %#', (yaml) => {
  const answer = parseDescriptor(parse(yaml as string))
  expect(answer.ok || answer.refusal).toBe(true)
})

function proseOf(folder: string): string {
  return pages.find((page) => page.folder === folder)?.text ?? ''
}

/** What the code of a folder says, its tests aside. */
function codeOf(folder: string): string {
  return readdirSync(join(specs, folder))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(specs, folder, file), 'utf8'))
    .join('\n')
}

function domainsOf(code: string): string[] {
  return [
    ...new Set(Array.from(code.matchAll(/'(nexapod\/[a-z-]+\/\d+)'/g), ([, name]) => name)),
  ] as string[]
}

function isDomain(cell: string): boolean {
  return /^nexapod\/[a-z-]+\/\d+$/.test(cell)
}

/** The rows of all tables, each cell without its quotes of code. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) =>
      line
        .replace(/^\||\|$/g, '')
        .split('|')
        .map(plain),
    )
}

function plain(cell: string): string {
  return cell.trim().replace(/^`([^`]*)`$/, '$1')
}

function cellsOf(text: string): string[] {
  return rowsOf(text).flat()
}

function firstCellsOf(folder: string): string[] {
  return rowsOf(proseOf(folder)).map(([first]) => first ?? '')
}

function quoted(text: string): string[] {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, name]) => name as string)
}

function limitsNamed(text: string): string[] {
  return quoted(text).filter((name) => /^[a-z][A-Za-z]*(Max|Ms|Default)$/.test(name))
}

function isLimit(name: string): boolean {
  return Object.hasOwn(limits, name)
}

/** Documents have keys that end like limits: `unitMs` of a job, `settleMs` of a rate card. */
function isKey(name: string, code: string): boolean {
  return new RegExp(`\\b${name}\\??:|\\breadonly ${name}\\b`).test(code)
}

/** Relative links, without what they point to inside a page. */
function linksOf(text: string): string[] {
  const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, to]) => to as string)
  return links.filter((to) => !/^[a-z]+:|^#/.test(to)).map((to) => to.replace(/#.*$/, ''))
}

/** Gossip carries signed documents whose own schema is where their prose is. */
function isGossip(file: string): boolean {
  return file.startsWith('gossip-')
}

function itemOf(json: JsonSchema): JsonSchema {
  return (json.items ?? json) as JsonSchema
}

function typesOf(json: JsonSchema): string[] {
  const variants = json.oneOf as readonly { properties: { type: { const: string } } }[]
  return variants.map(({ properties }) => properties.type.const)
}
