import {
  assemble,
  type FunctionText,
  type ModuleText,
  usual,
} from '../../specs/examples/wasm-module.ts'
import { Chance } from '../fuzz/chance.ts'
import { constant, Expressions, type Letter, letters } from './expressions.ts'

/** A generated module. */
export interface Generated {
  readonly bytes: Uint8Array
  /** Whether it sees no NaN but canonical ones, so that it may be run bare and compared. */
  readonly isCanonical: boolean
}

/** The module of a seed: structured, typed, and ending by itself more often than not. */
export function generate(seed: number): Generated {
  const chance = new Chance(seed, 5)
  const isCanonical = seed % 8 !== 0
  const isWild = chance.once(6)
  const types = [':', ...Array.from({ length: 1 + chance.below(5) }, () => drawType(chance))]
  const globals = Array.from({ length: chance.below(5) }, () => chance.one(letters))
  const functions = types.map((type, index) =>
    new Writer(chance, { types, globals, index, isCanonical, isWild }).function(type),
  )
  const table = types.map((_, i) => i).filter((i) => isWild || i > 0)
  const text: ModuleText = {
    functions,
    table: [1, 8, 8],
    elements: [[1, table]],
    memory: [1, 1 + chance.below(2), 2 + chance.below(4)],
    globals: globals.map((letter) => [`${letter}!`, constant(chance, letter)]),
    exports: usual(),
    dataCount: 2,
    data: [
      [chance.below(60_000), Array.from({ length: 64 }, () => chance.below(256))],
      [undefined, Array.from({ length: 32 }, () => chance.below(256))],
    ],
  }
  return { bytes: assemble(text), isCanonical }
}

function drawType(chance: Chance): string {
  const parameters = Array.from({ length: chance.below(4) }, () => chance.one(letters)).join('')
  return `${parameters}:${chance.once(3) ? '' : chance.one(letters)}`
}

/** Writes one function. */
class Writer extends Expressions {
  function(type: string): FunctionText {
    const chance = this.chance
    const [parameters = '', result = ''] = type.split(':') as [string, Letter | '']
    this.locals.push(...([...parameters] as Letter[]))
    const more = Array.from({ length: 1 + chance.below(6) }, () => chance.one(letters))
    this.locals.push(...more)
    this.result = result
    this.labels.push(result)
    this.size = 20 + chance.below(120)
    const body = this.#statements(3)
    const tail = result === '' ? '' : this.value(result, 3)
    return { type, locals: [...more, ...this.own].join(''), code: `${body} ${tail}` }
  }

  #statements(depth: number): string {
    const count = 1 + this.chance.below(5)
    return Array.from({ length: count }, () => this.statement(depth)).join(' ')
  }

  statement(depth: number): string {
    const chance = this.chance
    if (this.size-- < 0) return 'nop'
    const deep = depth > 0
    switch (chance.below(deep ? 16 : 9)) {
      case 0:
      case 1:
        return this.#setLocal()
      case 2:
        return this.#setGlobal()
      case 3:
      case 4:
      case 5:
        return this.#store(depth)
      case 6:
        return this.#memory()
      case 7:
        return this.#leave()
      case 8:
        return this.#branchIf()
      case 9:
        return this.#if(depth)
      case 10:
        return `block ${this.within('', () => this.#statements(depth - 1))} end`
      case 11:
      case 12:
        return this.#loop(depth)
      case 13:
        return this.#switch(depth)
      case 14:
        return this.#callAndDrop(depth)
      default:
        return `${this.value(chance.one(letters), depth)} drop`
    }
  }

  #setLocal(): string {
    const index = this.chance.below(this.locals.length)
    const value = this.value(this.locals[index] as Letter, 3)
    if (this.chance.once(3)) return `${value} local.tee ${index} drop`
    return `${value} local.set ${index}`
  }

  #setGlobal(): string {
    const { globals } = this.setting
    if (globals.length === 0) return 'nop'
    const index = this.chance.below(globals.length)
    return `${this.value(globals[index] as Letter, 2)} global.set ${index}`
  }

  #store(depth: number): string {
    const letter = this.chance.one(letters)
    const stores = {
      i: ['i32.store', 'i32.store8', 'i32.store16'],
      I: ['i64.store', 'i64.store8', 'i64.store16', 'i64.store32'],
      f: ['f32.store'],
      F: ['f64.store'],
    }[letter]
    const offset = this.chance.once(3) ? ` +${this.chance.below(8)}` : ''
    const value = this.seen(letter, this.value(letter, depth))
    return `${this.address(depth)} ${value} ${this.chance.one(stores)}${offset}`
  }

  #memory(): string {
    const chance = this.chance
    const small = (mask: number) => `${this.value('i', 1)} i32.const ${mask} i32.and`
    switch (chance.below(6)) {
      case 0:
        return `${small(3)} memory.grow drop`
      case 1:
        return `${small(32767)} ${this.value('i', 1)} ${small(255)} memory.fill`
      case 2:
        return `${small(32767)} ${small(32767)} ${small(8191)} memory.copy`
      case 3:
        return `${small(32767)} ${small(15)} ${small(chance.once(4) ? 31 : 15)} memory.init 1`
      case 4:
        return chance.once(3) ? 'data.drop 1' : 'nop'
      default:
        return `i32.const 0 memory.size i32.store +${chance.below(64)}`
    }
  }

  #leave(): string {
    const chance = this.chance
    if (!chance.once(6)) return 'nop'
    if (chance.once(5)) return 'unreachable'
    const value = this.result === '' ? '' : this.value(this.result, 2)
    return chance.once(2) ? `${value} return` : this.#branch()
  }

  #branch(): string {
    const depth = this.chance.below(this.labels.length)
    const carries = this.labels[this.labels.length - 1 - depth] as Letter | ''
    return `${carries === '' ? '' : this.value(carries, 1)} br ${depth}`
  }

  #branchIf(): string {
    const depth = this.chance.below(this.labels.length)
    const carries = this.labels[this.labels.length - 1 - depth] as Letter | ''
    const value = carries === '' ? '' : this.value(carries, 1)
    return `${value} ${this.value('i', 2)} br_if ${depth} ${carries === '' ? '' : 'drop'}`
  }

  #if(depth: number): string {
    const condition = this.value('i', depth)
    const first = this.within('', () => this.#statements(depth - 1))
    if (this.chance.once(2)) return `${condition} if ${first} end`
    return `${condition} if ${first} else ${this.within('', () => this.#statements(depth - 1))} end`
  }

  /** A loop with a counter; a block inside takes the branches, so that nothing skips the count. */
  #loop(depth: number): string {
    if (this.setting.isWild && this.chance.once(4)) {
      const text = this.within('', () => this.#statements(depth - 1))
      return `loop ${text} ${this.chance.once(6) ? 'br 0' : ''} end`
    }
    const counter = this.ownLocal('i')
    const rounds = 1 + this.chance.below(12)
    this.labels.push('')
    const body = this.within('', () => this.#statements(depth - 1))
    this.labels.pop()
    const next = `local.get ${counter} i32.const 1 i32.sub local.tee ${counter} br_if 0`
    return `i32.const ${rounds} local.set ${counter} loop block ${body} end ${next} end`
  }

  #switch(depth: number): string {
    const count = 1 + this.chance.below(4)
    const outer = this.labels.length
    for (let i = 0; i < count; i++) this.labels.push('')
    const labels = Array.from({ length: count + 1 }, () => this.chance.below(count)).join(' ')
    let text = 'block '.repeat(count)
    text += `${this.value('i', 1)} i32.const 7 i32.and br_table ${labels} end`
    for (let i = 1; i < count; i++) {
      this.labels.length--
      text += ` ${this.statement(depth - 1)} end`
    }
    this.labels.length = outer
    return text
  }

  #callAndDrop(depth: number): string {
    const { types, index } = this.setting
    const callable = types.map((_, i) => i).filter((i) => this.setting.isWild || i > index)
    if (callable.length === 0) return 'nop'
    const callee = this.chance.one(callable)
    return `${this.call(callee, depth)} ${types[callee]?.endsWith(':') ? '' : 'drop'}`
  }
}
