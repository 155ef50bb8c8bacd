export { plain } from '@nexapod/specs/plain'

const whole = new Intl.NumberFormat('en')
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return whole.format(value)
}

/** A rate, with as many digits as it is known to. */
export function rate(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : 1 })
}

/** Micro-credits as credits: four digits that count, and never less than there is. */
export function credits(micro: number): string {
  const value = micro / 1e6
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 2 : 4
  if (micro !== 0 && Math.abs(value) < 0.0001) return value.toFixed(6)
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}

/** A part as a percentage. */
export function percent(part: number, of: number): string {
  if (of === 0) return '0 %'
  // All is said only of all.
  return `${Math.min(part === of ? 100 : 99, Math.floor((part / of) * 100))} %`
}

/** An instant, in the time of whoever reads. */
export function instant(ms: number): string {
  return times.format(ms)
}

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** A day since 1970, of UTC. */
export function day(number: number): string {
  return dates.format(number * 86_400_000)
}

/** The time of day. */
export function clock(ms: number): string {
  return clocks.format(ms)
}

/** How long ago something was. */
export function ago(ms: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000))
  if (seconds < 5) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** The end of an id: keys of one kind all begin alike. */
export function short(id: string): string {
  return id.length <= 10 ? id : `…${id.slice(-8)}`
}
