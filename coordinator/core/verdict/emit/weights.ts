/** What share of all nodes may lie from the beginning. */
const liars = 0.3
/** No node is believed more than this: about the rate at which honest machines err. */
const floor = 1e-4

/** The text of weights.ts: the log-odds of nodes by their vouched passes, in milli-nats. */
export function weightsFile(): string {
  const weights: number[] = []
  for (let k = 0, error = liars; error > floor; k++) {
    error = Math.max(floor, errorAfter(k))
    weights.push(Math.floor(1000 * Math.log((1 - error) / error)))
  }
  return [
    '/**',
    ' * The weight of a vote by the vouched passes of its node, in milli-nats. The last is that of',
    ' * all further passes. Written by emit/main.ts, so that no logarithm is computed here.',
    ' */',
    'export const weights: readonly number[] = [',
    ...filled(weights),
    ']',
    '',
  ].join('\n')
}

/**
 * How likely a node errs that passed `k` times: the most that any liar can reach who errs at one
 * and the same rate. Who errs more often is found out, who errs less does less harm.
 */
function errorAfter(k: number): number {
  return k === 0 ? liars : Math.min(liars, liars / ((1 - liars) * k * Math.E))
}

/** Numbers in lines as long as the formatter makes them. */
function filled(numbers: readonly number[]): string[] {
  const lines: string[] = []
  let line = ' '
  for (const number of numbers) {
    const next = `${line} ${number},`
    if (next.length > 100) {
      lines.push(line)
      line = `  ${number},`
    } else line = next
  }
  return [...lines, line]
}
