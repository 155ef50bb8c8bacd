import { limits } from '@nexapod/specs'
import { numberIn, type Reader, type Token, Unreadable } from './token.ts'

/** A token with the blanks before it; a string is taken as it is spelled. */
const token = new RegExp(
  `[ \\t\\r\\n]*(?:${[
    /([{}[\],:])/,
    /("[^"\\]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\]*)*")/,
    /(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)/,
    /(true|false|null)/,
  ]
    .map(({ source }) => source)
    .join('|')})`,
  'y',
)
/** What a number or a word goes on with. */
const goesOn = /[\w.+-]*/y

/** What may come next in a document. */
type Next = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'more' | 'nothing'

/**
 * A file of JSON, with the numbers that it has no word for. It is read as it is written: keys in
 * another order are another text.
 */
export class JsonReader implements Reader {
  readonly #open: ('{' | '[')[] = []
  #next: Next = 'value'
  #rest = ''
  #failed = false

  push(bytes: Uint8Array): Token[] {
    return this.#read(this.#rest + Buffer.from(bytes).toString('latin1'), false)
  }

  end(): Token[] {
    const tokens = this.#read(this.#rest, true)
    if (!this.#failed && (this.#next !== 'nothing' || /[^ \t\r\n]/.test(this.#rest))) {
      tokens.push(new Unreadable('no whole json'))
    }
    return tokens
  }

  #read(text: string, isLast: boolean): Token[] {
    const tokens: Token[] = []
    let at = 0
    while (!this.#failed) {
      token.lastIndex = at
      const found = token.exec(text)
      if (found === null) break
      const end = at + found[0].length
      const [, sign, string, number, word] = found
      goesOn.lastIndex = end
      const isPlain = sign === undefined && string === undefined
      const more = isPlain ? (goesOn.exec(text)?.[0] ?? '') : ''
      if (isPlain && end + more.length === text.length && !isLast) break
      const isCut = more !== ''
      const read = number === undefined ? (sign ?? string ?? word) : numberIn(number)
      if (isCut || read === undefined || !this.#takes(sign, string !== undefined)) {
        return [...tokens, this.#fail('no json')]
      }
      tokens.push(read)
      at = end
    }
    this.#rest = text.slice(at).replace(/^[ \t\r\n]+/, '')
    if (this.#rest.length > limits.compareTextBytesMax) tokens.push(this.#fail('no json'))
    return tokens
  }

  #fail(why: string): Unreadable {
    this.#failed = true
    this.#rest = ''
    return new Unreadable(why)
  }

  /** Whether a token may stand here; a value is one without a sign. */
  #takes(sign: string | undefined, isString: boolean): boolean {
    const next = this.#next
    const takesValue = next === 'value' || next === 'value-or-end'
    const takesKey = next === 'key' || next === 'key-or-end'
    if (sign === undefined) {
      if (takesKey && isString) this.#next = 'colon'
      else if (takesValue) this.#close()
      else return false
      return true
    }
    if (sign === '{' || sign === '[') {
      if (!takesValue || this.#open.length >= limits.compareDepthMax) return false
      this.#open.push(sign)
      this.#next = sign === '{' ? 'key-or-end' : 'value-or-end'
      return true
    }
    if (sign === ':' || sign === ',') {
      if (next !== (sign === ':' ? 'colon' : 'more')) return false
      this.#next = sign === ':' || this.#open.at(-1) === '[' ? 'value' : 'key'
      return true
    }
    const opened = sign === '}' ? '{' : '['
    const mayEnd = next === 'more' || next === (sign === '}' ? 'key-or-end' : 'value-or-end')
    if (!mayEnd || this.#open.pop() !== opened) return false
    this.#close()
    return true
  }

  /** A value is complete. */
  #close(): void {
    this.#next = this.#open.length === 0 ? 'nothing' : 'more'
  }
}
