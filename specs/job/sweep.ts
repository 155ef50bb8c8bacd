import { limits } from '../limits.ts'
import { dictForm } from '../schema/dict.ts'
import { list, listForm } from '../schema/list.ts'
import { mapped } from '../schema/mapped.ts'
import { oneOf } from '../schema/one-of.ts'
import { found, type Place } from '../schema/place.ts'
import { int } from '../schema/scalar.ts'
import type { Form, Infer } from '../schema/schema.ts'
import { isMap, optional, structForm } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { atDigits, type Decimal, decimalOf, decimalText } from './decimal.ts'
import { parameterName, unitParameter } from './template.ts'

const name = text({ pattern: parameterName, name: 'a lower-case name', max: 32 })
const value = text({ kind: 'raw', max: limits.sweepValueBytesMax })
const scaledInt = int({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })

const parameter = oneOf({
  values: { name, values: list(value, { min: 1, max: limits.sweepValuesMax }) },
  range: {
    name,
    from: scaledInt,
    step: scaledInt,
    count: int({ min: 1, max: limits.sweepUnitsMax }),
    digits: int({ min: 0, max: limits.sweepDigitsMax }),
  },
})

/** A parameter of a sweep: listed values, or a range of decimals. */
export type Parameter = Infer<typeof parameter>

/** The parameters of a sweep in the order of their names; the last one changes fastest. */
export const sweepSchema = list(parameter, { min: 1, max: limits.sweepParametersMax })

/** How many values a parameter takes. */
export function valueCount(parameter: Parameter): number {
  return parameter.type === 'values' ? parameter.values.length : parameter.count
}

/** One value of a parameter, as the text that is filled in. */
export function valueAt(parameter: Parameter, index: number): string {
  if (parameter.type === 'values') return parameter.values[index] as string
  const { from, step, digits } = parameter
  return decimalText({ value: from + step * index, digits })
}

/** The length of the longest value of a parameter, in UTF-16 units. */
export function longestValue(parameter: Parameter): number {
  if (parameter.type === 'values') return Math.max(...parameter.values.map((one) => one.length))
  return Math.max(valueAt(parameter, 0).length, valueAt(parameter, parameter.count - 1).length)
}

/** How many units a sweep has: the product of its parameters. */
export function unitCount(sweep: readonly Parameter[] = []): number {
  return sweep.reduce((product, one) => product * valueCount(one), 1)
}

/** What no schema can hold of a sweep: names in order, values that are integers, and an end. */
export function checkSweep(sweep: readonly Parameter[], place: Place): void {
  for (const [i, one] of sweep.entries()) {
    const before = sweep[i - 1]
    if (before !== undefined && before.name >= one.name) {
      place.below(i).fault('document.rule', 'parameters stand in the order of their names')
    }
    if (one.name === unitParameter) {
      place.below(one.name).fault('document.rule', 'every sweep has the parameter unit by itself')
    }
    if (one.type === 'range') checkRange(one, place)
    else if (new Set(one.values).size !== one.values.length) {
      place.below(one.name).fault('document.rule', 'every value of a parameter is another')
    }
  }
  const units = unitCount(sweep)
  if (units > limits.sweepUnitsMax) {
    place.fault('job.endless-sweep', `${units} units, at most ${limits.sweepUnitsMax}`)
  }
}

function checkRange(range: Parameter & { type: 'range' }, place: Place): void {
  const last = range.from + range.step * (range.count - 1)
  if (!Number.isSafeInteger(last) || !Number.isSafeInteger(range.step * (range.count - 1))) {
    place.below(range.name).fault('document.rule', 'the last value is beyond 2^53 - 1')
  }
  if (range.step === 0 && range.count > 1) {
    place.below(range.name).fault('job.endless-sweep', 'the step is 0')
  }
}

// ── as people write it ─────────────────────────────────────────────────────────────────────────

const scalar: Form<string> = {
  json: { type: ['string', 'number', 'boolean'] },
  parse(input, place) {
    if (typeof input === 'number' && Math.abs(input) > Number.MAX_SAFE_INTEGER) {
      return place.fault('document.bounds', 'a number this large loses digits: put it in quotes')
    }
    const plain = typeof input === 'boolean' || Number.isFinite(input) ? String(input) : input
    return value.parse(plain, place)
  },
}

function decimal(about: string): Form<Decimal> {
  const pattern = '^-?[0-9]+(\\.[0-9]+)?(e[+-]?[0-9]+)?$'
  return {
    json: { type: ['number', 'string'], pattern, description: about },
    parse(input, place) {
      if (input === Number.POSITIVE_INFINITY || input === Number.NEGATIVE_INFINITY) {
        return place.fault('job.endless-sweep', 'a range ends at a number')
      }
      const digits = limits.sweepDigitsMax
      const wrong = `expected a decimal of at most ${digits} digits after the point`
      return decimalOf(input) ?? place.fault('document.form', `${wrong}, found ${found(input)}`)
    },
  }
}

const range = mapped(
  structForm({
    from: decimal('The first value.'),
    to: decimal('The last value, if a step ends there.'),
    step: optional(decimal('From one value to the next; 1 if left out.')),
  }),
  ({ from, to, step = { value: 1, digits: 0 } }, place) => {
    const digits = Math.max(from.digits, to.digits, step.digits)
    const [first, last, by] = [from, to, step].map((one) => atDigits(one, digits)?.value)
    if (first === undefined || last === undefined || by === undefined) {
      return place.fault('document.rule', 'too many digits for exact values')
    }
    if (by === 0) return place.below('step').fault('job.endless-sweep', 'the step is 0')
    const count = Math.floor((last - first) / by) + 1
    if (count < 1) {
      return place.fault('job.endless-sweep', 'the step leads away from the end')
    }
    if (count > limits.sweepUnitsMax) {
      return place.fault('job.endless-sweep', `${count} values, at most ${limits.sweepUnitsMax}`)
    }
    return { type: 'range' as const, from: first, step: by, count, digits }
  },
)

const values = mapped(listForm(scalar, { min: 1, max: limits.sweepValuesMax }), (listed) => ({
  type: 'values' as const,
  values: listed,
}))

type Unnamed<P> = P extends Parameter ? Omit<P, 'name'> : never

const valuesOrRange: Form<Unnamed<Parameter>> = {
  json: { oneOf: [values.json, range.json] },
  parse(input, place): Unnamed<Parameter> | undefined {
    if (Array.isArray(input)) return values.parse(input, place)
    if (isMap(input)) return range.parse(input, place)
    return place.fault(
      'document.type',
      `expected a list of values, or from, to and step; found ${found(input)}`,
    )
  },
}

/** A sweep as people write it: each parameter's values, or from, to and step. */
export const sweepForm: Form<readonly Parameter[]> = mapped(
  dictForm(name, valuesOrRange, {
    max: limits.sweepParametersMax,
    about: 'One unit for each combination of these parameters; fill them in as {{name}}.',
    examples: [{ seed: { from: 1, to: 100 }, rho: [0.8, 0.9] }],
  }),
  (sweep, place) => {
    const names = Object.keys(sweep).sort()
    if (names.length === 0) return place.fault('document.bounds', 'a sweep has a parameter')
    const parameters = names.map((one) => ({ ...sweep[one], name: one }) as Parameter)
    checkSweep(parameters, place)
    return parameters
  },
)
