import type { Offer, Path } from './told.ts'
import { isSchema, type JsonSchema, schemaAt } from './written.ts'

/**
 * What may stand where the cursor is. It goes by the indentation above the cursor, not by the
 * reader of YAML: whoever wants to know what to write has not written it yet.
 */
export function offerAt(text: string, cursor: number, files: readonly string[]): Offer | undefined {
  const lines = text.slice(0, cursor).split('\n')
  const before = lines.at(-1) ?? ''
  if (/(^|\s)#/.test(before)) return undefined
  const line = lineOf(before)
  const above = contextAbove(lines.slice(0, -1), line)
  const spot = spotIn(line.rest, above)
  const from = cursor - spot.word.length
  const rest = text.slice(cursor).split('\n', 1)[0] ?? ''
  const to = cursor + (/^[A-Za-z0-9_-]*/.exec(rest)?.[0].length ?? 0)
  const schema = schemaAt(spot.path)
  const about = typeof schema?.description === 'string' ? schema.description : ''
  const taken = spot.isFlow ? spot.keys : siblings(text, cursor, line.column)
  const items = spot.isKey
    ? keysOf(schema, taken, { column: line.column, isFlow: spot.isFlow }).map((item) => {
        // Where a value is there already, its key alone is put before it.
        return /^[A-Za-z0-9_-]*\s*:/.test(rest) ? { ...item, insert: item.label } : item
      })
    : valuesOf(schema, spot.path, files)
  const word = spot.word.toLowerCase()
  const fitting = items.filter(({ label }) => label.toLowerCase().startsWith(word))
  const at = spot.path.map((step) => (typeof step === 'number' ? 'an item' : step)).join(', ')
  return { from, to, at, about, items: fitting.length > 0 ? fitting : items }
}

interface Line {
  /** Columns of the dashes that begin items of lists. */
  readonly dashes: readonly number[]
  /** Where what is no dash begins. */
  readonly column: number
  readonly rest: string
  readonly key: string | undefined
}

function lineOf(text: string): Line {
  const dashes: number[] = []
  let column = text.length - text.trimStart().length
  while (/^-( |$)/.test(text.slice(column))) {
    dashes.push(column)
    const after = text.slice(column + 1)
    column += 1 + after.length - after.trimStart().length
  }
  const rest = text.slice(column)
  const [, key] = /^(?:"([^"]*)"|'[^']*'|[^\s:#{[][^:]*?)\s*:(?: |$)/.exec(rest) ?? []
  const plain = /^([^\s:#{["'][^:]*?)\s*:(?: |$)/.exec(rest)?.[1]
  return { dashes, column, rest, key: key ?? plain }
}

/** The path to the map or list that a line stands in. An item of a list is the number 0. */
function contextAbove(lines: readonly string[], line: Line): Path {
  const path: (string | number)[] = []
  let { column } = line
  // A list may begin in the column of its key.
  let mayBeLevel = false
  const into = ({ dashes }: Line) => {
    for (const dash of [...dashes].reverse()) {
      path.unshift(0)
      column = dash
      mayBeLevel = true
    }
  }
  into(line)
  for (const text of [...lines].reverse()) {
    const up = lineOf(text)
    if (up.rest === '' || up.rest.startsWith('#')) continue
    const isParent = up.column < column || (mayBeLevel && up.column === column)
    if (isParent && up.key !== undefined && !(mayBeLevel && up.dashes.includes(column))) {
      path.unshift(up.key)
      column = up.column
      mayBeLevel = false
      into(up)
    } else if (up.column === column && up.dashes.length > 0 && !mayBeLevel) into(up)
  }
  return path
}

interface Spot {
  readonly path: Path
  readonly isKey: boolean
  readonly isFlow: boolean
  /** What of the word is there already. */
  readonly word: string
  /** Keys of the map in braces that are there already. */
  readonly keys: readonly string[]
}

/** Where in its line the cursor is: maps and lists in braces and brackets, and after which key. */
function spotIn(rest: string, above: Path): Spot {
  const open: { path: Path; isMap: boolean; keys: string[] }[] = []
  const block = /^([^\s:#{["'][^:]*?)\s*:(?: |$)/.exec(rest)
  let path = block?.[1] === undefined ? above : [...above, block[1]]
  let isKey = block === null
  let word = ''
  for (const letter of rest.slice(block?.[0].length ?? 0)) {
    const inside = open.at(-1)
    if (letter === '{' || letter === '[') {
      if (letter === '[') path = [...path, 0]
      open.push({ path, isMap: letter === '{', keys: [] })
      isKey = letter === '{'
      word = ''
    } else if (letter === '}' || letter === ']') {
      open.pop()
      word = ''
    } else if (letter === ',' && inside !== undefined) {
      path = inside.path
      isKey = inside.isMap
      word = ''
    } else if (letter === ':' && isKey && inside !== undefined) {
      inside.keys.push(word)
      path = [...inside.path, word]
      isKey = false
      word = ''
    } else if (letter !== ' ' || word !== '') word += letter
  }
  return { path, isKey, isFlow: open.length > 0, word, keys: open.at(-1)?.keys ?? [] }
}

/** The keys beside a line, above and below it, as far as its map goes. */
function siblings(text: string, cursor: number, column: number): string[] {
  const lines = text.split('\n')
  const here = text.slice(0, cursor).split('\n').length - 1
  const keys: string[] = []
  const look = (at: number): boolean => {
    const line = lineOf(lines[at] ?? '')
    if (line.rest === '') return true
    if (line.column === column && line.key !== undefined) keys.push(line.key)
    // The first line of an item begins its map; a smaller column ends it.
    return line.column > column || (line.column === column && line.dashes.length === 0)
  }
  if (lineOf(lines[here] ?? '').dashes.length === 0) {
    for (let at = here - 1; at >= 0 && look(at); at--);
  }
  for (let at = here + 1; at < lines.length; at++) {
    const { dashes } = lineOf(lines[at] ?? '')
    if (dashes.length > 0 || !look(at)) break
  }
  return keys
}

function keysOf(
  schema: JsonSchema | undefined,
  taken: readonly string[],
  { column, isFlow }: { readonly column: number; readonly isFlow: boolean },
): Offer['items'] {
  const properties = isSchema(schema?.properties) ? schema.properties : {}
  return Object.entries(properties)
    .filter(([key]) => !taken.includes(key))
    .map(([key, inside]) => {
      const of = isSchema(inside) ? inside : {}
      const indent = ' '.repeat(column + 2)
      const list = isFlow ? ' [' : `\n${indent}- `
      const map = isFlow ? ' {' : `\n${indent}`
      const after = of.type === 'array' ? list : of.type === 'object' ? map : ' '
      const value = typeof of.const === 'string' ? of.const : ''
      const about = typeof of.description === 'string' ? of.description : ''
      return { label: key, insert: `${key}:${after}${value}`, about }
    })
}

function valuesOf(
  schema: JsonSchema | undefined,
  path: Path,
  files: readonly string[],
): Offer['items'] {
  const last = path.at(-1)
  const named = last === 'module' || last === 'url' ? files.map((name) => `./${name}`) : []
  const { enum: choices, const: only, examples, type } = schema ?? {}
  const known = [
    ...named,
    ...(Array.isArray(choices) ? choices : []),
    ...(only === undefined ? [] : [only]),
    ...(type === 'boolean' ? [true, false] : []),
    ...(Array.isArray(examples) ? examples : []),
  ]
  return known.map((value) => {
    const text = String(value)
    return { label: text, insert: /^[\w./-]+$/.test(text) ? text : JSON.stringify(text), about: '' }
  })
}
