/** Parameter names: what a placeholder may hold. */
export const parameterName = '^[a-z][a-z0-9_]{0,31}$'

/** The parameter that every sweep has by itself: the number of the unit. */
export const unitParameter = 'unit'

const placeholder = /\{\{([^{}]*)\}\}/g

/** The names in the `{{name}}` placeholders of a text, in order. */
export function placeholders(text: string): string[] {
  return Array.from(text.matchAll(placeholder), (match) => match[1] as string)
}

/** The text with its placeholders filled in. All are known: that was checked with the job. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(placeholder, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the placeholder ${name} was never checked`)
    return value
  })
}

/** The place where a text has its first placeholder, or its length. */
export function literalLength(text: string): number {
  const at = text.search(placeholder)
  return at === -1 ? text.length : at
}
