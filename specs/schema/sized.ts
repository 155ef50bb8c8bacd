import { Writer } from '../bytes/writer.ts'
import type { Schema } from './schema.ts'

/**
 * A schema whose whole encoding has a bound of its own: the bounds of its parts multiplied out
 * would be far more. Without this JSON could be taken that `encode`, which holds the bound, would
 * throw at.
 */
export function sized<T>(schema: Schema<T>, bytesMax: number): Schema<T> {
  const wrong = (length: number) => `at most ${bytesMax} bytes when encoded, found ${length}`
  return {
    ...schema,
    bytesMax: Math.min(bytesMax, schema.bytesMax),
    parse(input, place) {
      const value = schema.parse(input, place)
      if (value === undefined) return undefined
      const writer = new Writer()
      schema.write(value, writer)
      if (writer.length <= bytesMax) return value
      return place.fault('bytes.too-large', wrong(writer.length))
    },
    read(from) {
      const start = from.at
      const value = schema.read(from)
      if (from.at - start <= bytesMax) return value
      return from.refuse('bytes.too-large', wrong(from.at - start), start)
    },
  }
}
