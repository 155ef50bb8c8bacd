/** A module that is one in all respects, and imports a function of any name and type. */
export function importing(module: string, name: string, type: string): Uint8Array {
  const [given = '', back = ''] = type.split(':')
  const types = [
    [0x60, ...list(numbers(given)), ...list(numbers(back))],
    [0x60, 0, 0],
  ]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, entries(types)),
    ...section(2, entries([[...text(module), ...text(name), 0, 0]])),
    ...section(3, entries([[1]])),
    ...section(5, entries([[1, 1, 2]])),
    ...section(
      7,
      entries([
        [...text('memory'), 2, 0],
        [...text('_start'), 0, 1],
      ]),
    ),
    ...section(10, entries([[2, 0, 0x0b]])),
  ])
}

function numbers(types: string): number[] {
  return [...types].map((type) => (type === 'I' ? 0x7e : 0x7f))
}

function text(value: string): number[] {
  return list([...new TextEncoder().encode(value)])
}

/** Lengths below 128, as all of these are, are one byte. */
function list(bytes: readonly number[]): number[] {
  return [bytes.length, ...bytes]
}

function entries(all: readonly (readonly number[])[]): number[] {
  return [all.length, ...all.flat()]
}

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...list(bytes)]
}
