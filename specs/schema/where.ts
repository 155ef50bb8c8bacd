import { Place } from './place.ts'
import type { Form, Infer, Schema } from './schema.ts'

/** A rule over a whole value: it notes what is wrong at its place. */
export type Rule<T> = (value: T, place: Place) => void

/** A form or schema with a rule that no single key can hold. */
export function where<F extends Form<unknown>>(form: F, rule: Rule<Infer<F>>): F {
  const parse: Form<unknown>['parse'] = (input, place) => {
    const value = form.parse(input, place)
    if (value === undefined) return undefined
    const faultsBefore = place.faults.length
    rule(value as Infer<F>, place)
    return place.faults.length === faultsBefore ? value : undefined
  }
  return { ...form, parse, ...(isSchema(form) ? bothWays(form, rule as Rule<unknown>) : {}) }
}

function bothWays(form: Schema<unknown>, rule: Rule<unknown>) {
  return {
    read(from: Parameters<typeof form.read>[0]) {
      const start = from.at
      const value = form.read(from)
      const place = new Place()
      rule(value, place)
      const [fault] = place.faults
      if (fault === undefined) return value
      from.key = fault.at
      return from.refuse(fault.code, fault.detail, start)
    },
    write(value: unknown, to: Parameters<typeof form.write>[1]) {
      rule(value, clean)
      const fault = clean.faults.shift()
      if (fault !== undefined) {
        clean.faults.length = 0
        throw new RangeError(`${fault.at}: ${fault.detail}`)
      }
      form.write(value, to)
    },
  }
}

/** Where rules look at what is written: it holds a fault only until that is thrown. */
const clean = new Place()

function isSchema(form: Form<unknown>): form is Schema<unknown> {
  return 'write' in form
}
