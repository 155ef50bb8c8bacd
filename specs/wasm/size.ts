import { limits } from '../limits.ts'
import type { Cursor } from './cursor.ts'
import { construct } from './stack.ts'

/** What makes a body hard to compile, held to its bounds while it is read. */
export class Size {
  #constructs = 0
  #loops = 0
  #loopDepth = 0

  /** Begins a body. */
  reset(): void {
    this.#constructs = 0
    this.#loops = 0
    this.#loopDepth = 0
  }

  /** Counts a construct that begins. */
  enter(cursor: Cursor, kind: number, depth: number, locals: number): void {
    this.#constructs++
    cursor.bound(depth, limits.wasmNestingMax, 'blocks in each other')
    cursor.bound(this.#constructs * locals, limits.wasmJoinsMax, 'constructs times locals')
    if (kind !== construct.loop) return
    this.#loops++
    this.#loopDepth++
    cursor.bound(this.#loops, limits.wasmLoopsMax, 'loops of a function')
    cursor.bound(this.#loopDepth, limits.wasmLoopNestingMax, 'loops in each other')
  }

  /** Sees one end. */
  leave(kind: number): void {
    if (kind === construct.loop) this.#loopDepth--
  }
}
