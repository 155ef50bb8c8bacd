import { limits } from '@nexapod/specs'
import { exits, type Trouble } from './trouble.ts'

/** A number as it is typed, with or without commas, or undefined where it is none. */
export function numberOf(word: string): number | undefined {
  if (!/^(\d{1,16}|\d{1,3}(,\d{3}){1,5})$/.test(word)) return undefined
  const number = Number(word.replaceAll(',', ''))
  return number <= limits.entriesMax ? number : undefined
}

/** The trouble with a word that should have been a number. */
export function noNumber(word: string, expected: string, next: readonly string[]): Trouble {
  const why = 'a number is expected, as in 0 or 12345'
  return { exit: exits.usage, what: `"${word}" is no ${expected}.`, why, next }
}
