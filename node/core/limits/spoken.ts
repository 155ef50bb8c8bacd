import { type Answer, accept, type Json, type JsonSchema, nearest, refuse } from '@nexapod/specs'
import { type Limits, limitsSchema } from './limits.ts'
import { bytesIn, msIn, sayBytes, sayMs } from './measures.ts'
import { hoursIn, sayHours } from './week.ts'

/** One of the limits, by the name that it has in a file: `inUse.cores`. */
export interface Limit {
  readonly key: string
  readonly about?: string
  /** How its value is written. */
  readonly form: string
  readonly schema: JsonSchema
}

const answers: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['no', 'false', 'off'].map((word) => [word, false] as const),
])

/** Words for a list of none. */
const empty: Readonly<Record<string, string>> = {
  hours: 'always',
  projects: 'all',
  publishers: 'all',
}

/** All limits, as their schema has them: none can be forgotten here. */
export const limitKeys: readonly Limit[] = below(limitsSchema.json, '')

/** The limit of this name; a name that there is not is refused with the nearest. */
export function limitNamed(key: string): Answer<Limit> {
  const known = limitKeys.map((limit) => limit.key)
  const found = limitKeys.find((limit) => limit.key.toLowerCase() === key.toLowerCase())
  if (found !== undefined) return accept(found)
  const near = known.find((one) => one.startsWith(key)) ?? nearest(key, known)
  const detail = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`
  return refuse('document.unknown-key', { at: key, detail })
}

/** The value that a text means as this limit; bounds are looked at with all limits together. */
export function valueIn({ key, form, schema }: Limit, text: string): Answer<Json> {
  const value = readAs(key, schema, text.trim())
  if (value !== undefined) return accept(value)
  return refuse('document.form', { at: key, detail: `expected ${form}, found ${text}` })
}

/** A value as people write it, so that `valueIn` reads it again but for what it was rounded by. */
export function sayLimit({ key, schema }: Limit, value: Json | undefined): string {
  if (value === undefined) return key.startsWith('battery') ? 'never' : 'none'
  if (key === 'hours') return sayList(key, value, (some) => sayHours(some as Limits['hours']))
  if (schema.type === 'array') return sayList(key, value, (some) => some.join(', '))
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'number') return String(value)
  if (key.includes('Bytes')) return sayBytes(value)
  if (key.endsWith('Ms')) return sayMs(value)
  if (/percent/i.test(key)) return `${value} %`
  return key === 'celsiusMax' ? `${value} °C` : String(value)
}

/** What a limit says in limits that are written as JSON. */
export function valueAt(written: Json, key: string): Json | undefined {
  let at: Json | undefined = written
  for (const name of key.split('.')) {
    if (!isMap(at)) return undefined
    at = own(at, name)
  }
  return at
}

/** The same limits with another value of one, or with none: a map that is empty then goes. */
export function withValue(written: Json, key: string, value: Json | undefined): Json {
  const [name = '', ...rest] = key.split('.')
  const map = isMap(written) ? written : {}
  const next = rest.length === 0 ? value : withValue(own(map, name) ?? {}, rest.join('.'), value)
  const { [name]: _, ...others } = map
  const isGone = next === undefined || (rest.length > 0 && Object.keys(next as object).length === 0)
  return isGone ? others : { ...map, [name]: next }
}

/** What a file says over what is usual: maps are laid over each other, all else is replaced. */
export function laidOver(usual: Json, said: Json): Json {
  if (!isMap(usual) || !isMap(said)) return said
  const keys = [...new Set([...Object.keys(usual), ...Object.keys(said)])]
  return Object.fromEntries(
    keys.map((key) => {
      const [below, above] = [own(usual, key), own(said, key)]
      if (above === undefined) return [key, below as Json]
      return [key, below === undefined ? above : laidOver(below, above)]
    }),
  )
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(map: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function below({ properties }: JsonSchema, path: string): Limit[] {
  return Object.entries(properties as Record<string, JsonSchema>).flatMap(([name, schema]) => {
    const key = path === '' ? name : `${path}.${name}`
    if (key === 'v') return []
    if (schema.properties !== undefined) return below(schema, key)
    const about = schema.description
    const known = typeof about === 'string' ? { about } : {}
    return [{ key, ...known, form: formOf(key, schema), schema }]
  })
}

function formOf(key: string, schema: JsonSchema): string {
  if (key === 'hours') return 'hours such as mon-fri 20:00-08:00, sat sun 00:00-24:00, or always'
  if (schema.type === 'array') return `a list with commas, or ${empty[key] ?? 'none'}`
  if (schema.type === 'boolean') return 'yes or no'
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`
  if (key.includes('Bytes')) return 'a size such as 4 GB'
  if (key.endsWith('Ms')) return 'a time such as 5 min'
  return `a whole number from ${schema.minimum} to ${schema.maximum}`
}

function readAs(key: string, schema: JsonSchema, text: string): Json | undefined {
  if (schema.type === 'array') {
    if (text === (empty[key] ?? 'none') || text === '') return []
    if (key === 'hours') return hoursIn(text) as Json | undefined
    return text.split(',').map((word) => word.trim())
  }
  if (schema.type === 'boolean') return answers.get(text.toLowerCase())
  if (schema.type !== 'integer') return text
  if (key.includes('Bytes')) return bytesIn(text)
  if (key.endsWith('Ms')) return msIn(text)
  const [, digits] = /^(\d{1,9}) ?(?:%|°?C)?$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits)
}

function sayList(key: string, value: Json, say: (some: readonly Json[]) => string): string {
  const some = value as readonly Json[]
  return some.length === 0 ? (empty[key] ?? 'none') : say(some)
}
