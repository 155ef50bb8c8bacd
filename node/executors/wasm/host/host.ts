import { exported, hostModule } from '@nexapod/specs/wasm'
import type { Chance } from './chance.ts'
import { descriptorCalls } from './descriptor-calls.ts'
import { type Descriptor, Descriptors } from './descriptors.ts'
import type { Guest } from './guest.ts'
import { GuestMemory } from './memory.ts'
import type { Meter } from './meter.ts'
import { pathCalls } from './path-calls.ts'
import { processCalls } from './process-calls.ts'
import type { Quota } from './tree.ts'

/** What a program is given by its host. */
export interface Surroundings {
  readonly meter: Meter
  readonly chance: Chance
  readonly quota: Quota
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  /** What it holds from the beginning: the standard streams, then the directories. */
  readonly held: readonly Descriptor[]
  readonly epochNs: bigint
}

/**
 * WASI preview 1 in memory, for one program. Nothing here knows the machine: what a call answers
 * is a function of the unit and of the calls before it.
 */
export class Host {
  /** What a module imports. It has no prototype: there is nothing in it but the functions. */
  readonly imports: WebAssembly.Imports
  readonly #given: Surroundings
  readonly #descriptors = new Descriptors()
  #calls: Record<string, (...values: never[]) => number> | undefined

  constructor(given: Surroundings, names: readonly string[]) {
    this.#given = given
    const functions = Object.create(null)
    for (const name of names) {
      functions[name] = (...values: (number | bigint)[]) => this.#call(name, values)
    }
    this.imports = Object.assign(Object.create(null), { [hostModule]: functions })
    for (const descriptor of given.held) this.#descriptors.add(descriptor)
  }

  /** Takes the memory and the cells of the instance, before it runs. */
  attach(exports: WebAssembly.Exports): void {
    const { meter, chance, quota, args, variables, epochNs } = this.#given
    meter.begin(exports)
    const guest: Guest = {
      memory: new GuestMemory(exports[exported.memory] as WebAssembly.Memory),
      meter,
      chance,
      quota,
      descriptors: this.#descriptors,
      args: args.map(ended),
      variables: Object.entries(variables).map(([name, value]) => ended(`${name}=${value}`)),
      epochNs,
    }
    this.#calls = { ...processCalls(guest), ...descriptorCalls(guest), ...pathCalls(guest) }
  }

  /** Lets go of all that the program held. */
  close(): void {
    this.#descriptors.closeAll()
    this.#given.meter.finish()
  }

  #call(name: string, values: (number | bigint)[]): number {
    const call = this.#calls?.[name]
    if (call === undefined) throw new Error(`${name} was called before the program began`)
    this.#given.meter.call()
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (typeof value === 'number') values[i] = value >>> 0
    }
    return call(...(values as never[]))
  }
}

function ended(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`)
}
