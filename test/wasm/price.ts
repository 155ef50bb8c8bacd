import type { Instruction, Parsed, Routine, Type } from './parsed.ts'

/** Where a segment begins, what it costs, and whether a loop begins there. */
interface Segment {
  readonly cost: number
  readonly isLoop: boolean
}

/** What the profile says of a function before it runs, worked out from the prose. */
export interface Price {
  readonly segments: ReadonlyMap<number, Segment>
  readonly isSmall: boolean
  readonly slots: number
}

/** The weights of the prose, by pattern; the first that fits counts. */
const weights: readonly (readonly [pattern: RegExp, weight: number])[] = [
  [/^(block|loop|else|end|nop|unreachable|drop)$/, 0],
  [/^local\./, 0],
  [/\.const$/, 0],
  [/^call/, 5],
  [/^memory\.size$/, 1],
  [/^(memory|data)\./, 10],
  [/^f(32|64)\.(load|store)/, 1],
  [/\.reinterpret_/, 1],
  [/^i(32|64)\.(div|rem)/, 6],
  [/^f(32|64)\.(div|sqrt)/, 6],
  [/\.(trunc_f|trunc_sat_f|convert_|demote_|promote_)/, 4],
  [/^f(32|64)\.(eq|ne|lt|gt|le|ge)$/, 3],
  [/^f(32|64)\./, 2],
]

/** What an instruction costs. */
function weightOf({ name }: Instruction): number {
  return weights.find(([pattern]) => pattern.test(name))?.[1] ?? 1
}

/** Works out the segments, slots and kind of a function. */
export function priceOf(module: Parsed, routine: Routine): Price {
  const { code, type, locals, bodyBytes } = routine
  const segments = segmentsOf(code)
  const calls = code.some(({ name }, i) => /^(call|memory\.grow)/.test(name) && i >= 0)
  const loops = code.some(({ name }) => name === 'loop')
  let cost = 0
  for (const segment of segments.values()) cost += segment.cost
  const parameters = (type.split(':')[0] as string).length
  const slots =
    12 + parameters + locals.length + peakOf(module, routine) + Math.floor(bodyBytes / 16)
  return { segments, slots, isSmall: !calls && !loops && cost <= 1000 && slots <= 256 }
}

function segmentsOf(code: readonly Instruction[]): Map<number, Segment> {
  const segments = new Map<number, Segment>()
  const open: { kind: string; targeted: boolean }[] = []
  let start: number | undefined = 0
  let isLoop = false
  let cost = 0
  const close = () => {
    if (start !== undefined) segments.set(start, { cost, isLoop })
    start = undefined
    isLoop = false
    cost = 0
  }
  const begin = (at: number) => {
    close()
    start = at
  }
  for (const [at, instruction] of code.entries()) {
    const { name, numbers } = instruction
    cost += weightOf(instruction)
    const branches = name === 'br' || name === 'br_if' || name === 'br_table'
    if (branches) {
      for (const label of numbers) {
        const construct = open[open.length - 1 - label]
        if (construct !== undefined) construct.targeted = true
      }
    }
    if (name === 'block' || name === 'loop' || name === 'if') {
      open.push({ kind: name, targeted: false })
    }
    if (name === 'loop' || name === 'if' || name === 'else') begin(at + 1)
    if (name === 'loop') isLoop = true
    if (name === 'br_if' && start !== undefined) begin(at + 1)
    if (name === 'end') {
      const construct = open.pop()
      if (construct === undefined) close()
      else if (construct.kind === 'if' || (construct.kind === 'block' && construct.targeted)) {
        begin(at + 1)
      }
    }
    if (/^(br|br_table|return|unreachable)$/.test(name)) close()
  }
  return segments
}

interface Open {
  readonly base: number
  readonly gives: number
  readonly isLoop: boolean
}

/** How many values a branch carries: it takes them, and gives them back. */
function carriedBy(name: string, numbers: readonly number[], open: readonly Open[]): number {
  if (name === 'return') return (open[0] as Open).gives
  if (!/^(br|br_if|br_table)$/.test(name)) return 0
  const { isLoop, gives } = open[open.length - 1 - (numbers[0] as number)] as Open
  return isLoop ? 0 : gives
}

/** The most operands at once; where nothing is reached, those that there can be. */
function peakOf(module: Parsed, { code, type }: Routine): number {
  let height = 0
  let peak = 0
  const gives = arityOfType(type)[1]
  const open: Open[] = [{ base: 0, gives, isLoop: false }]
  const pop = (count: number) => {
    const { base } = open.at(-1) as Open
    height = Math.max(base, height - count)
  }
  const push = (count: number) => {
    height += count
    peak = Math.max(peak, height)
  }
  for (const { name, numbers } of code) {
    if (name === 'end' || name === 'else') {
      const last = open.at(-1) as Open
      height = last.base
      if (name === 'end') {
        open.pop()
        push(last.gives)
      }
      if (open.length === 0) return peak
      continue
    }
    const [takes, gives] = arityOf(module, name, numbers)
    pop(takes)
    const carried = carriedBy(name, numbers, open)
    pop(carried)
    push(carried)
    if (name === 'block' || name === 'loop' || name === 'if') {
      open.push({ base: height, gives: numbers[0] as number, isLoop: name === 'loop' })
    } else push(gives)
    if (/^(br|br_table|return|unreachable)$/.test(name)) {
      height = (open.at(-1) as Open).base
    }
  }
  return peak
}

function arityOf(module: Parsed, name: string, numbers: readonly number[]): [number, number] {
  const [index = 0] = numbers
  if (name === 'call') return arityOfType(typeOf(module, index))
  if (name === 'call_indirect') {
    const [takes, gives] = arityOfType(module.types[index] as Type)
    return [takes + 1, gives]
  }
  if (/^(block|loop|else|end|nop|unreachable|br|return|data\.drop)$/.test(name)) return [0, 0]
  if (/^(if|br_if|br_table|drop|local\.set|global\.set)$/.test(name)) return [1, 0]
  if (/(\.const|local\.get|global\.get|memory\.size)$/.test(name)) return [0, 1]
  if (/^(local\.tee|memory\.grow)$/.test(name)) return [1, 1]
  if (name === 'select') return [3, 1]
  if (/^memory\./.test(name)) return [3, 0]
  if (/\.load/.test(name)) return [1, 1]
  if (/\.store/.test(name)) return [2, 0]
  const unary =
    /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|trunc|nearest|sqrt)$|_[fi](32|64)|extend\d+_s/
  return unary.test(name) ? [1, 1] : [2, 1]
}

/** The type of a function by its index, those that are imported first. */
export function typeOf(module: Parsed, index: number): Type {
  const imported = module.imports[index]
  if (imported !== undefined) return imported.type
  return (module.routines[index - module.imports.length] as Routine).type
}

function arityOfType(type: Type): [number, number] {
  const [parameters = '', results = ''] = type.split(':')
  return [parameters.length, results.length]
}
