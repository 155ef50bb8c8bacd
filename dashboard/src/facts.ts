import type { Fact } from './api/shown.ts'
import { credits, plain, short } from './words.ts'

/** What a fact says, in a line. */
export function factLine(fact: Fact): string {
  switch (fact.type) {
    case 'genesis':
      return 'The chain begins.'
    case 'job':
      return `A job is admitted: ${plain(text(at(fact, 'job', 'body', 'name')))}`
    case 'receipt':
      return `A receipt is sealed for unit ${number(fact.unit) + 1} of ${id(fact.job)}`
    case 'verdict':
      return verdictLine(fact)
    case 'transfer':
      return `${credits(number(fact.micro))} from ${place(fact.from)} to ${place(fact.to)}`
    case 'node':
      return `A node is new: ${id(fact.node)}`
    case 'delegation':
      return 'A node is somebody’s from now on.'
    case 'revocation':
      return 'A node is nobody else’s any more.'
    case 'end':
      return `The job ${id(fact.job)} has ended: ${text(fact.as)}`
    case 'reopen':
      return `Unit ${number(fact.unit) + 1} of ${id(fact.job)} is open again.`
    case 'fences':
      return `Leases may have fences below ${number(fact.below)}.`
    case 'draw':
      return 'What draws nodes by chance is committed.'
    case 'seal':
      return 'The epoch is sealed, and another coordinator goes on.'
    case 'claim':
      return 'Credit of another chain has arrived.'
    case 'cancel':
      return 'A job is cancelled by its publisher.'
    default:
      return `${plain(fact.type)}`
  }
}

function verdictLine(fact: Fact): string {
  const of = `unit ${number(fact.unit) + 1} of ${id(fact.job)}`
  const decided = at(fact, 'decided') as Record<string, unknown> | undefined
  if (decided?.type !== 'accepted') return `${plain(text(decided?.type))}: ${of}`
  const agreeing = Array.isArray(decided.agreeing) ? decided.agreeing.length : 0
  const struck = Array.isArray(decided.struck) ? decided.struck.length : 0
  return `${agreeing} agree${struck > 0 ? `, ${struck} are wrong` : ''} on ${of}`
}

/** What stands in a value at a path of keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function id(value: unknown): string {
  return short(text(value))
}

/** An account, with the ids in it cut. */
function place(account: unknown): string {
  return text(account).split('/').map(short).join('/')
}
