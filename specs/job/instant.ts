import { found } from '../schema/place.ts'
import type { Form } from '../schema/schema.ts'

const pattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** An instant as people write it, 2027-01-31T12:00:00Z, in milliseconds since 1970. */
export const instant: Form<number> = {
  json: { type: 'string', pattern, description: 'When the results are no longer of use.' },
  parse(input, place) {
    const ms = typeof input === 'string' ? millisecondsOf(input) : undefined
    const wrong = 'expected an instant such as 2027-01-31T12:00:00Z'
    return ms ?? place.fault('document.form', `${wrong}, found ${found(input)}`)
  },
}

function millisecondsOf(text: string): number | undefined {
  if (!new RegExp(pattern).test(text)) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
    .split(/[-T:Z]/)
    .map(Number)
  const days = monthDays[month - 1]
  if (days === undefined || year < 1970 || hour > 23 || minute > 59 || second > 59) return undefined
  if (day < 1 || day > (month === 2 && isLeap(year) ? 29 : days)) return undefined
  let total = day - 1 + (month > 2 && isLeap(year) ? 1 : 0)
  for (const before of monthDays.slice(0, month - 1)) total += before
  total += (year - 1970) * 365 + leapsBefore(year) - leapsBefore(1970)
  return (((total * 24 + hour) * 60 + minute) * 60 + second) * 1000
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function leapsBefore(year: number): number {
  const past = year - 1
  return Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
}
