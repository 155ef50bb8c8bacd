/** Sizes and times as people write them, each in units of the unit before. */
const sizes: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}
const spans: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

/** The bytes that a text such as `4 GB` means; a bare number is of bytes. */
export function bytesIn(text: string): number | undefined {
  return measured(text, sizes, 'b')
}

/** The milliseconds that a text such as `5 min` means; a bare number is of milliseconds. */
export function msIn(text: string): number | undefined {
  return measured(text, spans, 'ms')
}

/** A size for people, to three digits: what they lend, not what a file has. */
export function sayBytes(bytes: number): string {
  for (const [unit, of] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes >= of) return `${Number((bytes / of).toPrecision(3))} ${unit}`
  }
  return `${bytes} B`
}

/** A time for people. */
export function sayMs(ms: number): string {
  for (const [unit, of] of [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= of && ms % of === 0) return `${ms / of} ${unit}`
  }
  return `${ms} ms`
}

function measured(
  text: string,
  units: Readonly<Record<string, number>>,
  bare: string,
): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text.trim()) ?? []
  const of = units[unit === '' ? bare : unit.toLowerCase()]
  if (digits === undefined || of === undefined) return undefined
  return Math.round(Number(digits) * of)
}
