import type { Code } from '../refusal/refusals.ts'

/** One thing wrong with an input: which rule, where, and what was expected. */
export interface Fault {
  readonly code: Code
  readonly at: string
  readonly detail: string
}

const faultsMax = 20

/** Where in the input a check is, and the faults that all its places share. */
export class Place {
  readonly path: string
  readonly faults: Fault[]

  constructor(path = '', faults: Fault[] = []) {
    this.path = path
    this.faults = faults
  }

  /** The place of a key or an index below this one. */
  below(key: string | number): Place {
    if (typeof key === 'number') return new Place(`${this.path}[${key}]`, this.faults)
    const step = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key.slice(0, 80))
    return new Place(this.path === '' ? step : `${this.path}.${step}`, this.faults)
  }

  /** Notes a fault here; gives undefined, so that a check can end with it. */
  fault(code: Code, detail: string): undefined {
    if (this.faults.length < faultsMax) {
      this.faults.push({ code, at: this.path, detail })
    }
    return undefined
  }

  /** Whether so many faults are noted that going on would tell nobody more. */
  get full(): boolean {
    return this.faults.length >= faultsMax
  }
}

/** What an unexpected value is, in words. */
export function found(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  if (input instanceof Uint8Array) return 'bytes'
  if (typeof input === 'object') return 'a map'
  if (typeof input === 'string') return `the text ${JSON.stringify(clipped(input))}`
  if (typeof input === 'number' || typeof input === 'boolean') return String(input)
  return input === undefined ? 'nothing' : `a ${typeof input}`
}

function clipped(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
