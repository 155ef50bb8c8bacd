import type { Path } from './told.ts'

/** The steps of a place as refusals write it: `executors[0].env."A B"`. */
export function pathOf(at: string): Path {
  const steps: (string | number)[] = []
  for (const [, index, quoted, name] of at.matchAll(/\[(\d+)\]|("(?:[^"\\]|\\.)*")|([^.[\]"]+)/g)) {
    if (index !== undefined) steps.push(Number(index))
    else if (quoted !== undefined) steps.push(JSON.parse(quoted) as string)
    else if (name !== undefined) steps.push(name)
  }
  return steps
}

/** A path as refusals write it. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? step : JSON.stringify(step)
    return text === '' ? name : `${text}.${name}`
  }, '')
}
