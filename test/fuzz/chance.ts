/** Chance that can be drawn again: the same seeds give the same draws, on every machine. */
export class Chance {
  #a: number
  #b: number
  #c: number
  #count = 1

  constructor(seed: number, stream: number) {
    this.#a = seed >>> 0
    this.#b = stream >>> 0
    this.#c = 0x9e3779b9
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 32 random bits as a number: the generator sfc32. */
  bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A whole number from 0 to below a bound. */
  below(bound: number): number {
    return Math.floor((this.bits() / 2 ** 32) * bound)
  }

  /** True once in so many times. */
  once(inMany: number): boolean {
    return this.below(inMany) === 0
  }

  /** One of a list that is not empty. */
  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }

  /** One of a list, or undefined where there is none. */
  any<T>(of: readonly T[]): T | undefined {
    return of[this.below(of.length)]
  }
}
