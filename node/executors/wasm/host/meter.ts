import { ended, exported, hostFuel, limits } from '@nexapod/specs/wasm'
import { Ending } from './ending.ts'

/** Where the clock of a unit stands still, in nanoseconds. */
export const clockNsMax = BigInt(limits.wasmClockMsMax) * 1_000_000n

/** What a guest's cells hold: they are globals that the pass added and no program can name. */
interface Cells {
  readonly fuel: WebAssembly.Global<'i64'>
  readonly ended: WebAssembly.Global<'i32'>
}

/**
 * The fuel of a unit over all its programs, its clock, and how often the host was called. The
 * clock counts a nanosecond for each fuel and what was slept, so it is a function of the unit.
 */
export class Meter {
  readonly #limit: bigint
  #before = 0n
  #slept = 0n
  #calls = 0
  #cells: Cells | undefined

  constructor(fuelLimit: number) {
    this.#limit = BigInt(fuelLimit)
  }

  /** Lets a program begin with what those before it left. */
  begin(exports: WebAssembly.Exports): void {
    const fuel = exports[exported.fuel] as Cells['fuel']
    fuel.value = this.#limit - this.#before
    this.#cells = { fuel, ended: exports[exported.ended] as Cells['ended'] }
  }

  /** Takes what a program used from what there is. */
  finish(): void {
    this.#before = this.used
    this.#cells = undefined
  }

  /** The fuel that was used so far; never more than the limit. */
  get used(): bigint {
    if (this.#cells === undefined) return this.#before
    const left = this.#cells.fuel.value
    return left < 0n ? this.#limit : this.#limit - left
  }

  get isOut(): boolean {
    return this.#cells !== undefined && this.#cells.fuel.value < 0n
  }

  /** Why the program stopped itself, if it did. */
  get why(): number {
    return this.#cells?.ended.value ?? ended.byItself
  }

  /** Takes what a call costs whatever it does. */
  call(): void {
    this.#calls++
    if (this.#calls > limits.wasmCallsMax) throw new Ending({ type: 'calls' })
    this.#take(hostFuel.call)
  }

  /** Takes what a call costs for the bytes that it will copy or add, before it does. */
  bytes(count: number): void {
    this.#take(count * hostFuel.byte)
  }

  /** Nanoseconds since the unit began, by its own clock. */
  get now(): bigint {
    return earlier(this.used + this.#slept, clockNsMax)
  }

  /** Lets the clock go on to a later moment: nobody waits for it. */
  sleepUntil(moment: bigint): void {
    const { now } = this
    const until = earlier(moment, clockNsMax)
    if (until > now) this.#slept += until - now
  }

  #take(fuel: number): void {
    const cells = this.#cells
    if (cells === undefined) throw new Error('a program called the host before it was begun')
    const left = cells.fuel.value - BigInt(fuel)
    cells.fuel.value = left
    if (left >= 0n) return
    cells.ended.value = ended.outOfFuel
    throw new Ending({ type: 'out-of-fuel' })
  }
}

/** Of two moments the first. */
export function earlier(a: bigint, b: bigint): bigint {
  if (b < a) return b
  return a
}
