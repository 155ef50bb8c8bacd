import {
  assemble,
  type FunctionText,
  type ModuleText,
  usual,
} from '../../specs/examples/wasm-module.ts'
import { Chance } from '../fuzz/chance.ts'

type Letter = 'i' | 'I' | 'f' | 'F'
const letters = ['i', 'I', 'f', 'F'] as const
const named = { i: 'i32', I: 'i64', f: 'f32', F: 'f64' } as const

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

const specials = {
  i: ['0', '1', '-1', '2147483647', '-2147483648', '7', '65535'],
  I: ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '1000000007'],
  f: [
    '0',
    '-0',
    '1.5',
    'NaN',
    'Infinity',
    '-Infinity',
    'bits:2143289345',
    'bits:4290772993',
    '1e-40',
  ],
  F: [
    ...['0', '-0', '0.1', 'NaN', 'Infinity', '-Infinity', '1e300', '5e-324'],
    ...['bits:9221120237041090561', 'bits:18444492273895866369', '4503599627370497.5'],
  ],
} as const

function constant(chance: Chance, letter: Letter): string {
  const value = chance.once(2) ? chance.one(specials[letter]) : String(chance.below(1000))
  return `${named[letter]}.const ${value}`
}

interface Setting {
  readonly types: readonly string[]
  readonly globals: readonly Letter[]
  readonly index: number
  readonly isCanonical: boolean
  /** Calls go anywhere, loops need not end, addresses are anything. */
  readonly isWild: boolean
}

/** Writes one function. */
class Writer {
  readonly #chance: Chance
  readonly #setting: Setting
  readonly #locals: Letter[] = []
  /** Locals of loops' counters and of what is made canonical: nothing else may set them. */
  readonly #own: Letter[] = []
  /** What each label carries, the innermost last. */
  readonly #labels: (Letter | '')[] = []
  #result: Letter | '' = ''
  #parameters = 0
  #size = 0

  constructor(chance: Chance, setting: Setting) {
    this.#chance = chance
    this.#setting = setting
  }

  function(type: string): FunctionText {
    const chance = this.#chance
    const [parameters = '', result = ''] = type.split(':') as [string, Letter | '']
    this.#parameters = parameters.length
    this.#locals.push(...([...parameters] as Letter[]))
    const more = Array.from({ length: 1 + chance.below(6) }, () => chance.one(letters))
    this.#locals.push(...more)
    this.#result = result
    this.#labels.push(result)
    this.#size = 20 + chance.below(120)
    const body = this.#statements(3)
    const tail = result === '' ? '' : this.#value(result, 3)
    return { type, locals: [...more, ...this.#own].join(''), code: `${body} ${tail}` }
  }

  #ownLocal(letter: Letter): number {
    this.#own.push(letter)
    return this.#locals.length + this.#own.length - 1
  }

  #statements(depth: number): string {
    const count = 1 + this.#chance.below(5)
    return Array.from({ length: count }, () => this.#statement(depth)).join(' ')
  }

  #statement(depth: number): string {
    const chance = this.#chance
    if (this.#size-- < 0) return 'nop'
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
        return `block ${this.#within('', () => this.#statements(depth - 1))} end`
      case 11:
      case 12:
        return this.#loop(depth)
      case 13:
        return this.#switch(depth)
      case 14:
        return this.#callAndDrop(depth)
      default:
        return `${this.#value(chance.one(letters), depth)} drop`
    }
  }

  #within(carries: Letter | '', write: () => string): string {
    this.#labels.push(carries)
    const text = write()
    this.#labels.pop()
    return text
  }

  #setLocal(): string {
    const index = this.#chance.below(this.#locals.length)
    const value = this.#value(this.#locals[index] as Letter, 3)
    if (this.#chance.once(3)) return `${value} local.tee ${index} drop`
    return `${value} local.set ${index}`
  }

  #setGlobal(): string {
    const { globals } = this.#setting
    if (globals.length === 0) return 'nop'
    const index = this.#chance.below(globals.length)
    return `${this.#value(globals[index] as Letter, 2)} global.set ${index}`
  }

  #address(depth: number): string {
    const address = this.#value('i', depth - 1)
    if (this.#setting.isWild && this.#chance.once(8)) return address
    return `${address} i32.const 65520 i32.and`
  }

  #store(depth: number): string {
    const letter = this.#chance.one(letters)
    const stores = {
      i: ['i32.store', 'i32.store8', 'i32.store16'],
      I: ['i64.store', 'i64.store8', 'i64.store16', 'i64.store32'],
      f: ['f32.store'],
      F: ['f64.store'],
    }[letter]
    const offset = this.#chance.once(3) ? ` +${this.#chance.below(8)}` : ''
    const value = this.#seen(letter, this.#value(letter, depth))
    return `${this.#address(depth)} ${value} ${this.#chance.one(stores)}${offset}`
  }

  /** A float of which the bits will be seen. */
  #seen(letter: Letter, value: string): string {
    if (!this.#setting.isCanonical || letter === 'i' || letter === 'I') return value
    const own = this.#ownLocal(letter)
    const type = named[letter]
    const test = `local.get ${own} local.get ${own} ${type}.eq`
    return `${value} local.tee ${own} ${type}.const NaN ${test} select`
  }

  #memory(): string {
    const chance = this.#chance
    const small = (mask: number) => `${this.#value('i', 1)} i32.const ${mask} i32.and`
    switch (chance.below(6)) {
      case 0:
        return `${small(3)} memory.grow drop`
      case 1:
        return `${small(32767)} ${this.#value('i', 1)} ${small(255)} memory.fill`
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
    const chance = this.#chance
    if (!chance.once(6)) return 'nop'
    if (chance.once(5)) return 'unreachable'
    const value = this.#result === '' ? '' : this.#value(this.#result, 2)
    return chance.once(2) ? `${value} return` : this.#branch()
  }

  #branch(): string {
    const depth = this.#chance.below(this.#labels.length)
    const carries = this.#labels[this.#labels.length - 1 - depth] as Letter | ''
    return `${carries === '' ? '' : this.#value(carries, 1)} br ${depth}`
  }

  #branchIf(): string {
    const depth = this.#chance.below(this.#labels.length)
    const carries = this.#labels[this.#labels.length - 1 - depth] as Letter | ''
    const value = carries === '' ? '' : this.#value(carries, 1)
    return `${value} ${this.#value('i', 2)} br_if ${depth} ${carries === '' ? '' : 'drop'}`
  }

  #if(depth: number): string {
    const condition = this.#value('i', depth)
    const first = this.#within('', () => this.#statements(depth - 1))
    if (this.#chance.once(2)) return `${condition} if ${first} end`
    return `${condition} if ${first} else ${this.#within('', () => this.#statements(depth - 1))} end`
  }

  /** A loop with a counter; a block inside takes the branches, so that nothing skips the count. */
  #loop(depth: number): string {
    if (this.#setting.isWild && this.#chance.once(4)) {
      const text = this.#within('', () => this.#statements(depth - 1))
      return `loop ${text} ${this.#chance.once(6) ? 'br 0' : ''} end`
    }
    const counter = this.#ownLocal('i')
    const rounds = 1 + this.#chance.below(12)
    this.#labels.push('')
    const body = this.#within('', () => this.#statements(depth - 1))
    this.#labels.pop()
    const next = `local.get ${counter} i32.const 1 i32.sub local.tee ${counter} br_if 0`
    return `i32.const ${rounds} local.set ${counter} loop block ${body} end ${next} end`
  }

  #switch(depth: number): string {
    const count = 1 + this.#chance.below(4)
    const outer = this.#labels.length
    for (let i = 0; i < count; i++) this.#labels.push('')
    const labels = Array.from({ length: count + 1 }, () => this.#chance.below(count)).join(' ')
    let text = 'block '.repeat(count)
    text += `${this.#value('i', 1)} i32.const 7 i32.and br_table ${labels} end`
    for (let i = 1; i < count; i++) {
      this.#labels.length--
      text += ` ${this.#statement(depth - 1)} end`
    }
    this.#labels.length = outer
    return text
  }

  #callAndDrop(depth: number): string {
    const { types, index } = this.#setting
    const callable = types.map((_, i) => i).filter((i) => this.#setting.isWild || i > index)
    if (callable.length === 0) return 'nop'
    const callee = this.#chance.one(callable)
    return `${this.#call(callee, depth)} ${types[callee]?.endsWith(':') ? '' : 'drop'}`
  }

  #call(callee: number, depth: number): string {
    const { types, isWild, index } = this.#setting
    const [parameters = ''] = (types[callee] as string).split(':')
    const values = [...parameters].map((letter) => this.#value(letter as Letter, depth - 1))
    if (this.#chance.once(3)) {
      const type = [...new Set(types)].indexOf(types[callee] as string)
      // Entry 0 of the table is empty, and others are of another type: sometimes that traps.
      const first = isWild ? 1 : 0
      const entry =
        isWild && this.#chance.once(8) ? this.#value('i', 1) : `i32.const ${callee + first}`
      if (isWild || callee > index) return `${values.join(' ')} ${entry} call_indirect ${type}`
    }
    return `${values.join(' ')} call ${callee}`
  }

  #value(letter: Letter, depth: number): string {
    const chance = this.#chance
    if (depth <= 0 || this.#size-- < 0 || chance.once(4)) return this.#simple(letter)
    switch (chance.below(9)) {
      case 0:
        return this.#load(letter, depth)
      case 1:
        return `${this.#value(letter, depth - 1)} ${this.#value(letter, depth - 1)} ${this.#value('i', depth - 1)} select`
      case 2: {
        const condition = this.#value('i', depth - 1)
        const arm = () => this.#within(letter, () => this.#value(letter, depth - 1))
        return `${condition} if ${named[letter]} ${arm()} else ${arm()} end`
      }
      case 3:
        return `block ${named[letter]} ${this.#within(letter, () => `${this.#statement(depth - 1)} ${this.#value(letter, depth - 1)}`)} end`
      case 4: {
        const { types, isWild, index } = this.#setting
        const callable = types
          .map((_, i) => i)
          .filter((i) => types[i]?.endsWith(`:${letter}`) && (isWild || i > index))
        if (callable.length > 0) return this.#call(chance.one(callable), depth)
        return this.#simple(letter)
      }
      default:
        return this.#operation(letter, depth)
    }
  }

  #simple(letter: Letter): string {
    const chance = this.#chance
    const fitting = this.#locals.map((_, i) => i).filter((i) => this.#locals[i] === letter)
    if (fitting.length > 0 && !chance.once(3)) return `local.get ${chance.one(fitting)}`
    const { globals } = this.#setting
    const held = globals.map((_, i) => i).filter((i) => globals[i] === letter)
    if (held.length > 0 && chance.once(2)) return `global.get ${chance.one(held)}`
    return constant(chance, letter)
  }

  #load(letter: Letter, depth: number): string {
    const loads = {
      i: ['i32.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u'],
      I: ['i64.load', 'i64.load8_s', 'i64.load16_u', 'i64.load32_s', 'i64.load32_u'],
      f: ['f32.load'],
      F: ['f64.load'],
    }[letter]
    return `${this.#address(depth)} ${this.#chance.one(loads)} +${this.#chance.below(8)}`
  }

  #operation(letter: Letter, depth: number): string {
    const one = (type: Letter) => this.#value(type, depth - 1)
    const type = named[letter]
    if (letter === 'i' || letter === 'I') return this.#integer(letter, one)
    const other = letter === 'f' ? 'F' : 'f'
    const cross = letter === 'f' ? 'f32.demote_f64' : 'f64.promote_f32'
    switch (this.#chance.below(6)) {
      case 0:
        return `${one(letter)} ${type}.${this.#chance.one(floatUnary)}`
      case 1:
        return `${one(other)} ${cross}`
      case 2:
        return `${one('i')} ${type}.convert_i32_${this.#chance.one(['s', 'u'])}`
      case 3:
        return this.#chance.once(2)
          ? `${one('I')} ${type}.convert_i64_${this.#chance.one(['s', 'u'])}`
          : `${one(letter === 'f' ? 'i' : 'I')} ${type}.reinterpret_${letter === 'f' ? 'i32' : 'i64'}`
      case 4:
        return `${one(letter)} ${this.#seen(letter, one(letter))} ${type}.copysign`
      default:
        return `${one(letter)} ${one(letter)} ${type}.${this.#chance.one(floatBinary)}`
    }
  }

  #integer(letter: 'i' | 'I', one: (type: Letter) => string): string {
    const chance = this.#chance
    const type = named[letter]
    switch (chance.below(9)) {
      case 0:
        return `${one(letter)} ${type}.${chance.one(letter === 'i' ? unary32 : unary64)}`
      case 1: {
        const by = chance.once(10) ? '' : `${type}.const 1 ${type}.or`
        return `${one(letter)} ${one(letter)} ${by} ${type}.${chance.one(divisions)}`
      }
      case 2:
        if (letter === 'I') return `${one('i')} i64.extend_i32_${chance.one(['s', 'u'])}`
        return `${one('I')} i32.wrap_i64`
      case 3: {
        const from = chance.one(['f', 'F'] as const)
        const how = chance.once(12) ? 'trunc' : 'trunc_sat'
        return `${one(from)} ${type}.${how}_${named[from]}_${chance.one(['s', 'u'])}`
      }
      case 4: {
        const from = letter === 'i' ? 'f' : 'F'
        return `${this.#seen(from, one(from))} ${type}.reinterpret_${named[from]}`
      }
      case 5: {
        if (letter === 'I') return `${one('I')} ${one('I')} i64.xor`
        const of = chance.one(letters)
        const isInteger = of === 'i' || of === 'I'
        return `${one(of)} ${one(of)} ${named[of]}.${chance.one(isInteger ? comparisons : floatComparisons)}`
      }
      default:
        return `${one(letter)} ${one(letter)} ${type}.${chance.one(integerBinary)}`
    }
  }
}

const unary32 = ['clz', 'ctz', 'popcnt', 'eqz', 'extend8_s', 'extend16_s']
const unary64 = ['clz', 'ctz', 'popcnt', 'extend8_s', 'extend16_s', 'extend32_s']
const divisions = ['div_s', 'div_u', 'rem_s', 'rem_u']
const integerBinary = 'add sub mul and or xor shl shr_s shr_u rotl rotr'.split(' ')
const comparisons = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'.split(' ')
const floatUnary = 'abs neg ceil floor trunc nearest sqrt'.split(' ')
const floatBinary = 'add sub mul div min max'.split(' ')
const floatComparisons = 'eq ne lt gt le ge'.split(' ')
