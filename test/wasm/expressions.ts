import type { Chance } from '../fuzz/chance.ts'

/** A type of a value. */
export type Letter = 'i' | 'I' | 'f' | 'F'
/** All of them. */
export const letters = ['i', 'I', 'f', 'F'] as const
/** As they are called in instructions. */
const named = { i: 'i32', I: 'i64', f: 'f32', F: 'f64' } as const

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

/** A constant, of the kind that is often wrong. */
export function constant(chance: Chance, letter: Letter): string {
  const value = chance.once(2) ? chance.one(specials[letter]) : String(chance.below(1000))
  return `${named[letter]}.const ${value}`
}

/** What a function is written in. */
export interface Setting {
  readonly types: readonly string[]
  readonly globals: readonly Letter[]
  readonly index: number
  readonly isCanonical: boolean
  /** Calls go anywhere, loops need not end, addresses are anything. */
  readonly isWild: boolean
}

/** Writes values of a type as instructions, down to a depth. */
export abstract class Expressions {
  readonly chance: Chance
  readonly setting: Setting
  readonly locals: Letter[] = []
  /** Locals of loops' counters and of what is made canonical: nothing else may set them. */
  readonly own: Letter[] = []
  /** What each label carries, the innermost last. */
  readonly labels: (Letter | '')[] = []
  result: Letter | '' = ''
  size = 0

  constructor(chance: Chance, setting: Setting) {
    this.chance = chance
    this.setting = setting
  }

  /** A statement inside of a value. */
  abstract statement(depth: number): string

  ownLocal(letter: Letter): number {
    this.own.push(letter)
    return this.locals.length + this.own.length - 1
  }

  within(carries: Letter | '', write: () => string): string {
    this.labels.push(carries)
    const text = write()
    this.labels.pop()
    return text
  }

  address(depth: number): string {
    const address = this.value('i', depth - 1)
    if (this.setting.isWild && this.chance.once(8)) return address
    return `${address} i32.const 65520 i32.and`
  }

  /** A float of which the bits will be seen. */
  seen(letter: Letter, value: string): string {
    if (!this.setting.isCanonical || letter === 'i' || letter === 'I') return value
    const own = this.ownLocal(letter)
    const type = named[letter]
    const test = `local.get ${own} local.get ${own} ${type}.eq`
    return `${value} local.tee ${own} ${type}.const NaN ${test} select`
  }

  call(callee: number, depth: number): string {
    const { types, isWild, index } = this.setting
    const [parameters = ''] = (types[callee] as string).split(':')
    const values = [...parameters].map((letter) => this.value(letter as Letter, depth - 1))
    if (this.chance.once(3)) {
      const type = [...new Set(types)].indexOf(types[callee] as string)
      // Entry 0 of the table is empty, and others are of another type: sometimes that traps.
      const first = isWild ? 1 : 0
      const entry =
        isWild && this.chance.once(8) ? this.value('i', 1) : `i32.const ${callee + first}`
      if (isWild || callee > index) return `${values.join(' ')} ${entry} call_indirect ${type}`
    }
    return `${values.join(' ')} call ${callee}`
  }

  value(letter: Letter, depth: number): string {
    const chance = this.chance
    if (depth <= 0 || this.size-- < 0 || chance.once(4)) return this.simple(letter)
    const one = () => this.value(letter, depth - 1)
    const inner = () => `${this.statement(depth - 1)} ${one()}`
    switch (chance.below(9)) {
      case 0:
        return this.load(letter, depth)
      case 1:
        return `${one()} ${one()} ${this.value('i', depth - 1)} select`
      case 2: {
        const condition = this.value('i', depth - 1)
        const arm = () => this.within(letter, () => this.value(letter, depth - 1))
        return `${condition} if ${named[letter]} ${arm()} else ${arm()} end`
      }
      case 3:
        return `block ${named[letter]} ${this.within(letter, inner)} end`
      case 4: {
        const { types, isWild, index } = this.setting
        const callable = types
          .map((_, i) => i)
          .filter((i) => types[i]?.endsWith(`:${letter}`) && (isWild || i > index))
        if (callable.length > 0) return this.call(chance.one(callable), depth)
        return this.simple(letter)
      }
      default:
        return this.operation(letter, depth)
    }
  }

  simple(letter: Letter): string {
    const chance = this.chance
    const fitting = this.locals.map((_, i) => i).filter((i) => this.locals[i] === letter)
    if (fitting.length > 0 && !chance.once(3)) return `local.get ${chance.one(fitting)}`
    const { globals } = this.setting
    const held = globals.map((_, i) => i).filter((i) => globals[i] === letter)
    if (held.length > 0 && chance.once(2)) return `global.get ${chance.one(held)}`
    return constant(chance, letter)
  }

  load(letter: Letter, depth: number): string {
    const loads = {
      i: ['i32.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u'],
      I: ['i64.load', 'i64.load8_s', 'i64.load16_u', 'i64.load32_s', 'i64.load32_u'],
      f: ['f32.load'],
      F: ['f64.load'],
    }[letter]
    return `${this.address(depth)} ${this.chance.one(loads)} +${this.chance.below(8)}`
  }

  operation(letter: Letter, depth: number): string {
    const one = (type: Letter) => this.value(type, depth - 1)
    const type = named[letter]
    if (letter === 'i' || letter === 'I') return this.integer(letter, one)
    const other = letter === 'f' ? 'F' : 'f'
    const cross = letter === 'f' ? 'f32.demote_f64' : 'f64.promote_f32'
    const same = letter === 'f' ? 'i' : 'I'
    switch (this.chance.below(6)) {
      case 0:
        return `${one(letter)} ${type}.${this.chance.one(floatUnary)}`
      case 1:
        return `${one(other)} ${cross}`
      case 2:
        return `${one('i')} ${type}.convert_i32_${this.chance.one(['s', 'u'])}`
      case 3:
        return this.chance.once(2)
          ? `${one('I')} ${type}.convert_i64_${this.chance.one(['s', 'u'])}`
          : `${one(same)} ${type}.reinterpret_${named[same]}`
      case 4:
        return `${one(letter)} ${this.seen(letter, one(letter))} ${type}.copysign`
      default:
        return `${one(letter)} ${one(letter)} ${type}.${this.chance.one(floatBinary)}`
    }
  }

  integer(letter: 'i' | 'I', one: (type: Letter) => string): string {
    const chance = this.chance
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
        return `${this.seen(from, one(from))} ${type}.reinterpret_${named[from]}`
      }
      case 5: {
        if (letter === 'I') return `${one('I')} ${one('I')} i64.xor`
        const of = chance.one(letters)
        const isInteger = of === 'i' || of === 'I'
        const list = isInteger ? comparisons : floatComparisons
        return `${one(of)} ${one(of)} ${named[of]}.${chance.one(list)}`
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
