import { mapped } from '../schema/mapped.ts'
import { choice } from '../schema/scalar.ts'
import type { Form } from '../schema/schema.ts'
import { optional, structForm } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import { tolerance } from './job.ts'
import { roots, sandboxPath } from './path.ts'
import { programForm } from './source.ts'

/** The keys that each way of comparing has beside `path` and `by`. */
const keysOf = {
  ignore: [],
  tolerance: ['format', 'absolute', 'relative'],
  checker: ['module'],
} as const satisfies Readonly<Record<string, readonly string[]>>

const written = structForm({
  path: sandboxPath(roots.write, { about: 'A file or directory of an output.' }),
  by: choice(['ignore', 'tolerance', 'checker'], { about: 'All else is compared exactly.' }),
  format: optional(choice(['csv', 'json', 'npy'], { about: 'How the numbers are written.' })),
  absolute: optional(smallDecimal('The largest difference.')),
  relative: optional(smallDecimal('The largest difference, as a part of the value.')),
  module: optional(programForm({ about: 'A WebAssembly module that says whether it is right.' })),
})

const checked = where(written, (rule, place) => {
  const known: readonly string[] = keysOf[rule.by]
  for (const key of Object.keys(rule)) {
    if (key === 'path' || key === 'by' || known.includes(key)) continue
    place.below(key).fault('document.rule', `has no meaning with by: ${rule.by}`)
  }
  const [needed] = known
  if (needed !== undefined && !Object.hasOwn(rule, needed)) {
    place.below(needed).fault('document.missing-key', `needed with by: ${rule.by}`)
  }
})

/** How an output is compared, as people write it. */
export const compareForm = mapped(checked, (rule) => {
  const { path, by, format, module, absolute = '0', relative = '0' } = rule
  if (by === 'tolerance' && format !== undefined) {
    return { type: by, path, format, absolute, relative }
  }
  if (by === 'checker' && module !== undefined) return { type: by, path, module }
  return { type: 'ignore' as const, path }
})

/** A decimal that people write as a number, kept as its text: documents have no floats. */
function smallDecimal(about: string): Form<string> {
  return {
    json: { type: ['number', 'string'], description: about },
    parse: (input, place) => {
      return tolerance.parse(typeof input === 'number' ? String(input) : input, place)
    },
  }
}
