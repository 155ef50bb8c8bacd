/** A number with its thousands apart. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A number of things, in the right number of the word. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** Micro-credits in credits, to the last micro. */
export function credits(micro: number): string {
  const size = Math.abs(micro)
  const fraction = String(size % 1e6).padStart(6, '0')
  return `${micro < 0 ? '-' : ''}${count(Math.floor(size / 1e6))}.${fraction}`
}

/** Bytes in the unit that fits. */
export function bytes(value: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  let left = value
  for (; left >= 1024 && unit < units.length - 1; unit++) left /= 1024
  return unit === 0 ? counted(value, 'byte') : `${left.toFixed(left < 10 ? 1 : 0)} ${units[unit]}`
}

/** How long something took, or will take. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10 && !Number.isInteger(seconds)) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** An instant for people. */
export function instant(ms: number): string {
  const [day, time = ''] = new Date(ms).toISOString().split('T')
  return `${day} ${time.replace(/(\.000)?Z$/, '')} UTC`
}

/** The beginning of an id, where the whole would hide the rest of a line. */
export function short(id: string): string {
  // All keys begin alike, so that those of them are told apart by their end.
  return id.startsWith('12D3KooW') ? `12D3..${id.slice(-8)}` : `${id.slice(0, 12)}..`
}

/** Rows of a label and what it says, in two columns; lines that belong together have one label. */
export function rows(
  all: readonly (readonly [label: string, said: string])[],
  indent = '',
): string {
  const width = Math.max(...all.map(([label]) => label.length))
  return all.map(([label, said]) => `${indent}${label.padEnd(width)}  ${said}\n`).join('')
}
