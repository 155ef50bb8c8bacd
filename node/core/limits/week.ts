import { days, type Limits } from './limits.ts'

type Hours = Limits['hours']
type Day = (typeof days)[number]

/**
 * The hours that a text means: `mon-fri 20:00-08:00, sat sun 00:00-24:00`. A text that has no such
 * form is no hours; which times a clock shows is for the schema to say.
 */
export function hoursIn(text: string): Hours | undefined {
  const hours: Hours[number][] = []
  for (const part of text.split(/[,;]/)) {
    const words = part.trim().toLowerCase().split(/\s+/)
    const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(words.pop() ?? '') ?? []
    const said = words.length === 0 ? [days] : words.map(daysIn)
    const on = said.filter((some) => some !== undefined)
    if (from === undefined || to === undefined || on.length < said.length) return undefined
    hours.push({ days: [...new Set(on.flat())], from, to })
  }
  return hours
}

/** Hours in the form in which they are written. */
export function sayHours(hours: Hours): string {
  return hours.map(({ days: on, from, to }) => `${sayDays(on)} ${from}-${to}`).join(', ')
}

/** One day, or those from one to another, also over the end of the week. */
function daysIn(word: string): readonly Day[] | undefined {
  if (word === 'daily') return days
  const [first, last = first] = word.split('-').map((name) => days.indexOf(name as Day))
  if (first === undefined || first < 0 || last === undefined || last < 0) return undefined
  const length = ((last - first + days.length) % days.length) + 1
  return Array.from({ length }, (_, i) => days[(first + i) % days.length] as Day)
}

/** Three or more that follow each other are said by the first and the last. */
function sayDays(on: readonly Day[]): string {
  if (days.every((day) => on.includes(day))) return 'daily'
  const words: string[] = []
  const rest = days.filter((day) => on.includes(day))
  while (rest.length > 0) {
    const first = days.indexOf(rest[0] as Day)
    let length = 1
    while (length < rest.length && rest[length] === days[first + length]) length++
    const run = rest.splice(0, length)
    words.push(...(length < 3 ? run : [`${run[0]}-${run[length - 1]}`]))
  }
  return words.join(' ')
}
