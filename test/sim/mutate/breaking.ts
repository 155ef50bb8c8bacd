import { registerHooks } from 'node:module'
import { type Mutation, mutated } from './mutation.ts'

/** A text that stands once in a file, and another in its stead. */
export type Edit = Omit<Mutation, 'name' | 'rule'>

/** Has files loaded with a mistake in them, in this thread and nowhere else, from now on. */
export function breakRule(name: string, rule: string, edits: readonly Edit[]): void {
  const root = new URL('../../../', import.meta.url)
  const files = Map.groupBy(edits, ({ file }) => new URL(file, root).href)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const here = files.get(url)
      if (here === undefined) return loaded
      const source = new TextDecoder().decode(loaded.source as Uint8Array)
      const broken = here.reduce((so, edit) => mutated(so, { name, rule, ...edit }), source)
      return { ...loaded, source: broken }
    },
  })
}
