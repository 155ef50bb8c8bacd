/** A plausible mistake in one place, that breaks a rule of safety. */
export interface Mutation {
  readonly name: string
  /** What is so while the rule holds. */
  readonly rule: string
  /** The file, from the root of the house. */
  readonly file: string
  /** A text that occurs there just once, and what stands in its place. */
  readonly text: string
  readonly instead: string
  /** What the new text has to import. */
  readonly imports?: string
}

/** The source of a file with a mistake in it. */
export function mutated(source: string, { name, file, text, instead, imports }: Mutation): string {
  const parts = source.split(text)
  if (parts.length !== 2) {
    throw new Error(`the list is stale: ${file} has the text of ${name} ${parts.length - 1} times`)
  }
  const line = imports === undefined ? '' : `${imports}\n`
  return line + parts.join(instead)
}
