import type { Place } from './place.ts'
import type { Form } from './schema.ts'

/** A form whose value is made from what another form gives; undefined means a fault was noted. */
export function mapped<A, B>(
  form: Form<A>,
  make: (value: A, place: Place) => B | undefined,
): Form<B> {
  return {
    json: form.json,
    parse(input, place) {
      const value = form.parse(input, place)
      return value === undefined ? undefined : make(value, place)
    },
  }
}
