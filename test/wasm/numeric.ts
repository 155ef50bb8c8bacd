/** A value: an i32 or the bits of an f32 as a number without sign, the rest as 64 bits. */
export type Value = number | bigint

const view = new DataView(new ArrayBuffer(8))

/** The number that bits stand for. */
function f32Of(bits: Value): number {
  view.setUint32(0, Number(bits))
  return view.getFloat32(0)
}

function f64Of(bits: Value): number {
  view.setBigUint64(0, BigInt(bits))
  return view.getFloat64(0)
}

/** The bits of a number; those of the canonical NaN for NaN. */
function f32Bits(value: number): Value {
  if (Number.isNaN(value)) return 0x7fc00000
  view.setFloat32(0, value)
  return view.getUint32(0)
}

function f64Bits(value: number): Value {
  if (Number.isNaN(value)) return 0x7ff8000000000000n
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

/** What ends a run as a trap. */
export class Trap {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

type Operation = (one: Value, two: Value) => Value

const sized = { i32: 32, i64: 64 } as const

function integers(type: 'i32' | 'i64'): [string, Operation][] {
  const bits = sized[type]
  const signed = (value: Value) => BigInt.asIntN(bits, BigInt(value))
  const wide = (value: Value) => BigInt(value)
  const back = (value: bigint): Value => {
    const wrapped = BigInt.asUintN(bits, value)
    return bits === 32 ? Number(wrapped) : wrapped
  }
  const flag = (value: boolean): Value => (value ? 1 : 0)
  const amount = (value: Value) => BigInt(value) % BigInt(bits)
  const text = (value: Value) => wide(value).toString(2).padStart(bits, '0')
  const divided = (one: bigint, two: bigint) => {
    if (two === 0n) throw new Trap('division by zero')
    const result = one / two
    if (one < 0n && two < 0n && result === 1n << BigInt(bits - 1)) throw new Trap('overflow')
    return back(result)
  }
  const rest = (one: bigint, two: bigint) => {
    if (two === 0n) throw new Trap('division by zero')
    return back(one % two)
  }
  const rotated = (value: Value, by: bigint) =>
    back((wide(value) << by) | (wide(value) >> (BigInt(bits) - by)))
  const extended = (from: number): [string, Operation] => [
    `extend${from}_s`,
    (one) => back(BigInt.asIntN(from, wide(one))),
  ]
  const table: [string, Operation][] = [
    ['eqz', (one) => flag(wide(one) === 0n)],
    ['eq', (one, two) => flag(one === two)],
    ['ne', (one, two) => flag(one !== two)],
    ['lt_s', (one, two) => flag(signed(one) < signed(two))],
    ['lt_u', (one, two) => flag(one < two)],
    ['gt_s', (one, two) => flag(signed(one) > signed(two))],
    ['gt_u', (one, two) => flag(one > two)],
    ['le_s', (one, two) => flag(signed(one) <= signed(two))],
    ['le_u', (one, two) => flag(one <= two)],
    ['ge_s', (one, two) => flag(signed(one) >= signed(two))],
    ['ge_u', (one, two) => flag(one >= two)],
    ['clz', (one) => back(BigInt(`${text(one)}1`.indexOf('1')))],
    ['ctz', (one) => back(BigInt([...`1${text(one)}`].reverse().indexOf('1')))],
    ['popcnt', (one) => back(BigInt(text(one).replaceAll('0', '').length))],
    ['add', (one, two) => back(wide(one) + wide(two))],
    ['sub', (one, two) => back(wide(one) - wide(two))],
    ['mul', (one, two) => back(wide(one) * wide(two))],
    ['div_s', (one, two) => divided(signed(one), signed(two))],
    ['div_u', (one, two) => divided(wide(one), wide(two))],
    ['rem_s', (one, two) => rest(signed(one), signed(two))],
    ['rem_u', (one, two) => rest(wide(one), wide(two))],
    ['and', (one, two) => back(wide(one) & wide(two))],
    ['or', (one, two) => back(wide(one) | wide(two))],
    ['xor', (one, two) => back(wide(one) ^ wide(two))],
    ['shl', (one, two) => back(wide(one) << amount(two))],
    ['shr_s', (one, two) => back(signed(one) >> amount(two))],
    ['shr_u', (one, two) => back(wide(one) >> amount(two))],
    ['rotl', (one, two) => rotated(one, amount(two))],
    ['rotr', (one, two) => rotated(one, (BigInt(bits) - amount(two)) % BigInt(bits))],
    ...[8, 16, 32].map(extended),
  ]
  return table.map(([name, run]) => [`${type}.${name}`, run])
}

function floats(
  type: 'f32' | 'f64',
  of: (bits: Value) => number,
  bits: (value: number) => Value,
): [string, Operation][] {
  const sign = type === 'f32' ? 0x80000000n : 0x8000000000000000n
  const raw = (value: bigint): Value => (type === 'f32' ? Number(value) : value)
  const flag = (value: boolean): Value => (value ? 1 : 0)
  const one =
    (run: (value: number) => number): Operation =>
    (value) =>
      bits(run(of(value)))
  const two =
    (run: (one: number, two: number) => number): Operation =>
    (left, right) =>
      bits(run(of(left), of(right)))
  const compare =
    (run: (one: number, two: number) => boolean): Operation =>
    (left, right) =>
      flag(run(of(left), of(right)))
  const table: [string, Operation][] = [
    ['eq', compare((left, right) => left === right)],
    ['ne', compare((left, right) => left !== right)],
    ['lt', compare((left, right) => left < right)],
    ['gt', compare((left, right) => left > right)],
    ['le', compare((left, right) => left <= right)],
    ['ge', compare((left, right) => left >= right)],
    ['abs', (value) => raw(BigInt(value) & (sign - 1n))],
    ['neg', (value) => raw(BigInt(value) ^ sign)],
    ['copysign', (left, right) => raw((BigInt(left) & (sign - 1n)) | (BigInt(right) & sign))],
    ['ceil', one(Math.ceil)],
    ['floor', one(Math.floor)],
    ['trunc', one(Math.trunc)],
    ['nearest', one(nearest)],
    ['sqrt', one(Math.sqrt)],
    ['add', two((left, right) => left + right)],
    ['sub', two((left, right) => left - right)],
    ['mul', two((left, right) => left * right)],
    ['div', two((left, right) => left / right)],
    ['min', two(Math.min)],
    ['max', two(Math.max)],
  ]
  return table.map(([name, run]) => [`${type}.${name}`, run])
}

function nearest(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value
  const below = Math.floor(value)
  const over = value - below
  const up = over > 0.5 || (over === 0.5 && below % 2 !== 0)
  const rounded = up ? below + 1 : below
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded
}

function truncations(): [string, Operation][] {
  const table: [string, Operation][] = []
  for (const to of ['i32', 'i64'] as const) {
    for (const [from, of] of [['f32', f32Of] as const, ['f64', f64Of] as const]) {
      for (const sign of ['s', 'u'] as const) {
        const bits = BigInt(sized[to])
        const low = sign === 's' ? -(1n << (bits - 1n)) : 0n
        const high = sign === 's' ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n
        const back = (value: bigint): Value =>
          to === 'i32' ? Number(BigInt.asUintN(32, value)) : BigInt.asUintN(64, value)
        const within = (value: bigint) => (value < low ? low : value > high ? high : value)
        const saturated = (value: number) => {
          if (Number.isNaN(value)) return 0n
          if (!Number.isFinite(value)) return value < 0 ? low : high
          return within(BigInt(Math.trunc(value)))
        }
        table.push([
          `${to}.trunc_${from}_${sign}`,
          (one) => {
            const value = of(one)
            if (!Number.isFinite(value)) throw new Trap('no integer')
            const whole = BigInt(Math.trunc(value))
            if (within(whole) !== whole) throw new Trap('integer overflow')
            return back(whole)
          },
        ])
        table.push([`${to}.trunc_sat_${from}_${sign}`, (one) => back(saturated(of(one)))])
      }
    }
  }
  return table
}

const signed32 = (value: Value) => Number(value) | 0
const signed64 = (value: Value) => BigInt.asIntN(64, BigInt(value))

/** The float of 32 bits that is nearest to an integer; not by way of one of 64 bits. */
function f32OfInteger(value: bigint): number {
  const size = value < 0n ? -value : value
  const surplus = BigInt(Math.max(0, size.toString(2).length - 24))
  if (surplus === 0n) return Number(value)
  const kept = size >> surplus
  const rest = size - (kept << surplus)
  const half = 1n << (surplus - 1n)
  const up = rest > half || (rest === half && kept % 2n === 1n)
  const rounded = Number(up ? kept + 1n : kept) * 2 ** Number(surplus)
  return value < 0n ? -rounded : rounded
}

const conversions: [string, Operation][] = [
  ['i32.wrap_i64', (one) => Number(BigInt.asUintN(32, BigInt(one)))],
  ['i64.extend_i32_s', (one) => BigInt.asUintN(64, BigInt(signed32(one)))],
  ['i64.extend_i32_u', (one) => BigInt(one)],
  ['f32.convert_i32_s', (one) => f32Bits(signed32(one))],
  ['f32.convert_i32_u', (one) => f32Bits(Number(one))],
  ['f32.convert_i64_s', (one) => f32Bits(f32OfInteger(signed64(one)))],
  ['f32.convert_i64_u', (one) => f32Bits(f32OfInteger(BigInt(one)))],
  ['f32.demote_f64', (one) => f32Bits(f64Of(one))],
  ['f64.convert_i32_s', (one) => f64Bits(signed32(one))],
  ['f64.convert_i32_u', (one) => f64Bits(Number(one))],
  ['f64.convert_i64_s', (one) => f64Bits(Number(signed64(one)))],
  ['f64.convert_i64_u', (one) => f64Bits(Number(one))],
  ['f64.promote_f32', (one) => f64Bits(f32Of(one))],
  ['i32.reinterpret_f32', (one) => one],
  ['i64.reinterpret_f64', (one) => one],
  ['f32.reinterpret_i32', (one) => one],
  ['f64.reinterpret_i64', (one) => one],
]

/** What each instruction on values does, by its name. */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ...integers('i32'),
  ...integers('i64'),
  ...floats('f32', f32Of, f32Bits),
  ...floats('f64', f64Of, f64Bits),
  ...truncations(),
  ...conversions,
])
