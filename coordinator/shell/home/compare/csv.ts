import { limits } from '@nexapod/specs'
import { numberIn, type Reader, type Token, Unreadable } from './token.ts'

/** A field with what ends it: in quotes it is a text, whatever it spells. */
const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n)/y

/** A file of RFC 4180: fields between commas, lines as records. Bytes are taken as they are. */
export class CsvReader implements Reader {
  #rest = ''

  push(bytes: Uint8Array): Token[] {
    const text = this.#rest + Buffer.from(bytes).toString('latin1')
    const tokens: Token[] = []
    let at = 0
    for (;;) {
      field.lastIndex = at
      const found = field.exec(text)
      if (found === null) break
      const [all, quoted, plain = '', end] = found
      at += all.length
      tokens.push(quoted?.replaceAll('""', '"') ?? numberIn(plain.trim()) ?? plain)
      // Between two fields of one record nothing else stands.
      if (end !== ',') tokens.push('\n')
    }
    this.#rest = text.slice(at)
    if (this.#rest.length <= limits.compareTextBytesMax) return tokens
    this.#rest = ''
    return [...tokens, new Unreadable('a field that is no csv, or too long')]
  }

  end(): Token[] {
    if (this.#rest === '') return []
    const tokens = this.push(Buffer.from('\n'))
    return this.#rest === '' ? tokens : [...tokens, new Unreadable('a last field that is no csv')]
  }
}
