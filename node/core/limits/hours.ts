import { limits as bounds } from '@nexapod/specs'
import { days, type Limits } from './limits.ts'
import type { Observations } from './observations.ts'

const dayMinutes = 24 * 60
const weekMinutes = 7 * dayMinutes
const minuteMs = 60_000

/**
 * For how long it lends from now on, by its hours: 0 outside of them. Spans that touch are one, and
 * one whose end is not after its beginning goes on into the next day.
 */
export function lendsForMs(hours: Limits['hours'], clock: Observations['clock']): number {
  if (hours.length === 0) return bounds.windowMsMax
  const spans = hours.flatMap(spansOf)
  const now = days.indexOf(clock.day) * dayMinutes + clock.minute
  let end = now
  // Each span carries the end further at most once a week round.
  for (let i = 0; i <= 2 * spans.length && end - now < weekMinutes; i++) {
    const at = end % weekMinutes
    const longest = Math.max(0, ...spans.map((span) => leftOf(span, at)))
    if (longest === 0) break
    end += longest
  }
  if (end - now >= weekMinutes) return bounds.windowMsMax
  return (end - now) * minuteMs
}

interface Span {
  readonly from: number
  readonly minutes: number
}

function spansOf({ days: on, from, to }: Limits['hours'][number]): Span[] {
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  const minutes = end > begin ? end - begin : end - begin + dayMinutes
  return on.map((day) => ({ from: days.indexOf(day) * dayMinutes + begin, minutes }))
}

/** How much of a span is left at a minute of the week: one that began on Sunday may last on. */
function leftOf({ from, minutes }: Span, at: number): number {
  const gone = (at - from + weekMinutes) % weekMinutes
  return Math.max(0, minutes - gone)
}

function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
}
