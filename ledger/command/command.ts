import { parseArgs } from 'node:util'
import type { Shell } from './shell.ts'
import type { Trouble } from './trouble.ts'

/** What may be said with a command behind two hyphens. */
interface Option {
  /** What its value is called; without one it is a switch. */
  readonly value?: string
  /** Whether it can be said more than once. */
  readonly many?: boolean
  readonly about: string
}

/** Does what was asked for, or says why not. */
type Run = (given: Given, shell: Shell) => Promise<Trouble | undefined>

/** A command: what can be typed, what that does, and where it is found. */
export interface Command {
  readonly name: string
  /** What is typed after the name, in each of the ways there are. */
  readonly usages: readonly string[]
  readonly about: string
  /** What else is to be known, in lines that fit a terminal. */
  readonly more: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  /** How many words must and may follow, which are no options. */
  readonly least: number
  readonly most: number
  /** Loads what runs it: whoever wants help does not wait for a database. */
  readonly load: () => Promise<Run>
}

/** What was typed, in its parts. */
export class Given {
  readonly words: readonly string[]
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(words: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.words = words
    this.#values = values
  }

  /** A word by its place; the least that a command needs are there. */
  word(index: number): string {
    const word = this.words[index]
    if (word === undefined) throw new RangeError(`no word ${index} was given`)
    return word
  }

  /** Whether an option was given. */
  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The value of an option, if it was given. */
  value(name: string): string | undefined {
    return this.values(name).at(-1)
  }

  /** All values of an option. */
  values(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

/** What is wrong with what was typed, and which word of it nobody knows. */
export interface Mistyped {
  readonly what: string
  readonly why: string
  readonly unknown?: { readonly word: string; readonly known: readonly string[] }
}

/** Takes apart what was typed after the name of a command. */
export function parse(of: Command, args: readonly string[]): Given | Mistyped {
  const { name: command, usages, options, least, most } = of
  const typed = usages.map((usage) => `${command} ${usage}`).join(', or ')
  const { tokens } = parseArgs({ ...settings(options), args: [...args] })
  const words: string[] = []
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    const option = options[name]
    if (option === undefined || rawName !== `--${name}`) {
      const known = Object.keys(options).map((one) => `--${one}`)
      const what = `${command} has no option ${rawName}.`
      return { what, why: `it is typed: ${typed}`, unknown: { word: rawName, known } }
    }
    const before = values.get(name) ?? []
    const why = misused(option, value, before.length)
    if (why !== undefined) return { what: `That is no way to say ${rawName}.`, why }
    values.set(name, [...before, value ?? ''])
  }
  if (words.length >= least && words.length <= most) return new Given(words, values)
  const extra = words[most]
  const what = extra === undefined ? `${command} needs more.` : `"${extra}" is one word too many.`
  return { what, why: `it is typed: ${typed}` }
}

/** How Node.js is to read the options: what it does not know is for us to refuse. */
function settings(options: Command['options']) {
  const types = Object.entries(options).map(([name, { value }]) => {
    return [name, { type: value === undefined ? 'boolean' : 'string' }] as const
  })
  return { options: Object.fromEntries(types), strict: false, tokens: true } as const
}

function misused({ value: wanted, many }: Option, value: string | undefined, before: number) {
  if (wanted === undefined) return value === undefined ? undefined : 'it takes no value'
  if (value === undefined || value === '') return `a value must follow it: ${wanted}`
  return before > 0 && many !== true ? 'it is there twice' : undefined
}
