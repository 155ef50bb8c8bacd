import { kinds } from '../../specs/examples/registry.ts'
import type { Schema } from '../../specs/schema/schema.ts'

/** A decoder to fuzz: the schema of a document, and some values of it. */
export interface Target {
  readonly name: string
  readonly schema: Schema<unknown>
  readonly examples: readonly unknown[]
}

/** Every kind of document that the registry of examples knows. */
export const targets: readonly Target[] = kinds.map(({ name, schema, examples }) => ({
  name,
  schema,
  examples: Object.values(examples),
}))
