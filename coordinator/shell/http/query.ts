import { int, limits, optional, type Schema, text } from '@nexapod/specs'

/** A whole number that is written out in an address. */
export function number(options: { min: number; max: number; about: string }): Schema<number> {
  const whole = int(options)
  return {
    ...whole,
    parse: (input, place) => {
      const isNumber = typeof input === 'string' && /^(0|-?[1-9][0-9]{0,15})$/.test(input)
      return whole.parse(isNumber ? Number(input) : input, place)
    },
  }
}

/** How many items a page has. */
export const limit = optional(
  number({ min: 1, max: limits.pageMax, about: `Items of the page; else ${limits.pageDefault}.` }),
)

/** Where a page begins that goes by numbers: the `next` of the page before. */
export const cursor = optional(
  number({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'The `next` of the page before.' }),
)

/** Where a page begins that goes by names or ids. */
export const after = optional(
  text({
    pattern: '^[A-Za-z0-9-]{1,64}$',
    name: 'the `next` of the page before',
    max: 64,
    about: 'The `next` of the page before.',
  }),
)

/** A page out of one item more than it may have, and the cursor of the one behind it. */
export function pageOf<T>(
  found: readonly T[],
  count: number,
  cursorOf: (last: T) => string | number,
): { readonly items: readonly T[]; readonly next?: string } {
  const items = found.slice(0, count)
  const last = items.at(-1)
  if (found.length <= count || last === undefined) return { items }
  return { items, next: String(cursorOf(last)) }
}
