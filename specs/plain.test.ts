import { expect, test } from 'vitest'
import { plain } from './plain.ts'

test('a name of letters that nobody sees is none', () => {
  const nothing = ['\u3164', '\u115f\u1160', '\uffa0', '\u2800', '\u034f', '\ufe0f', '\u{e0100}']
  for (const name of nothing) {
    expect(plain(name)).toBe('')
    expect(plain(`A${name}da`)).toBe('Ada')
  }
  for (const name of ['Bénédicte 🦉', '漢字', 'Σωκράτης', 'عائشة']) expect(plain(name)).toBe(name)
})

test.each([
  ['turns what is around it', 'eve\u202egnp.exe', 'evegnp.exe'],
  ['is a tower of accents', `a${'\u0301'.repeat(9)}b`, 'ab'],
  ['is longer than a line', '🦉'.repeat(60), `${'🦉'.repeat(48)}…`],
])('what %s is not shown', (_, text, shown) => {
  expect(plain(text)).toBe(shown)
})
