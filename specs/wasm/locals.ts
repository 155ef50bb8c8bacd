import { limits } from '../limits.ts'
import type { Cursor } from './cursor.ts'
import { readValueType } from './immediates.ts'
import type { FunctionType } from './shape.ts'

/** The parameters and locals of a body; one list serves all bodies. */
export class Locals {
  readonly #types = new Uint8Array(limits.wasmLocalsMax)
  /** How many of them are parameters. */
  parameters = 0
  /** How many there are, parameters and locals. */
  count = 0
  /** Those that the body declares come in so many groups, which begin here. */
  groups = 0
  groupsAt = 0

  /** Reads what a body declares. */
  read(cursor: Cursor, type: FunctionType): void {
    this.#types.set(type.parameters)
    this.parameters = type.parameters.length
    this.count = this.parameters
    this.groups = cursor.u32()
    this.groupsAt = cursor.at
    for (let i = 0; i < this.groups; i++) {
      const at = cursor.at
      const more = cursor.u32()
      cursor.bound(this.count + more, limits.wasmLocalsMax, 'parameters and locals', at)
      this.#types.fill(readValueType(cursor), this.count, this.count + more)
      this.count += more
    }
  }

  /** Reads the number of one of them; gives its type. */
  named(cursor: Cursor): number {
    const at = cursor.at
    const index = cursor.u32()
    if (index >= this.count) cursor.malformed('there is no such local', at)
    return this.#types[index] as number
  }
}
