import { sha256 } from '../../specs/bytes/digest.ts'
import { toHex } from '../../specs/bytes/text.ts'
import type { Told } from '../../specs/emit/wasm-run.ts'
import { LinearMemory, pageBytes } from './linear-memory.ts'
import { operations, Trap, type Value } from './numeric.ts'
import { type Instruction, type Parsed, parse, type Routine, type Type } from './parsed.ts'
import { type Price, priceOf, typeOf } from './price.ts'

interface Frame {
  readonly routine: Routine
  readonly price: Price
  readonly locals: Value[]
  readonly labels: Label[]
  at: number
}

interface Label {
  readonly to: number
  readonly height: number
  readonly carries: number
  readonly isLoop: boolean
}

/** Ends a run, whatever was under way. */
class Stop {
  readonly ended: Told['ended']
  constructor(ended: Told['ended']) {
    this.ended = ended
  }
}

/**
 * Runs a module as the prose of the profile says: what WebAssembly means, and what fuel, the
 * stack, the memory and NaN are on top of that. It shares no code with the pass, and nothing is
 * rewritten: it reads the original.
 */
export function interpret(module: Uint8Array, memoryBytesMax: number, limit: bigint): Told {
  return new Machine(parse(module), memoryBytesMax).run(limit)
}

class Machine {
  readonly #module: Parsed
  readonly #prices = new Map<Routine, Price>()
  readonly #stack: Value[] = []
  readonly #frames: Frame[] = []
  readonly #globals: Value[]
  readonly #table: (number | undefined)[]
  readonly #dropped = new Set<number>()
  readonly #pagesMax: number
  readonly #memory: LinearMemory
  #fuel = 0n
  #room = 65_536

  constructor(module: Parsed, memoryBytesMax: number) {
    this.#module = module
    this.#globals = [...module.globals]
    this.#table = Array.from({ length: module.tableMin })
    this.#pagesMax = Math.min(module.pages.max, Math.floor(memoryBytesMax / pageBytes))
    this.#memory = new LinearMemory(module.pages.min)
    for (const { offset, functions } of module.elements) {
      for (const [i, index] of functions.entries()) this.#table[offset + i] = index
    }
    for (const [i, { offset, bytes }] of module.data.entries()) {
      if (offset < 0) continue
      this.#memory.bytes.set(bytes, offset)
      this.#dropped.add(i)
    }
  }

  run(limit: bigint): Told {
    this.#fuel = limit
    const ended = this.#ending()
    const isOut = this.#fuel < 0n
    const fuel = isOut ? limit : limit - this.#fuel
    const memory = toHex(sha256(this.#memory.bytes))
    return { ended: isOut ? 'out-of-fuel' : ended, fuel: String(fuel), memory }
  }

  #ending(): Told['ended'] {
    try {
      this.#call(this.#module.start)
      while (this.#frames.length > 0) this.#step(this.#frames.at(-1) as Frame)
      return 'exit'
    } catch (cause) {
      if (cause instanceof Stop) return cause.ended
      if (cause instanceof Trap) return 'trap'
      throw cause
    }
  }

  #pop(): Value {
    return this.#stack.pop() as Value
  }

  #index(): number {
    return Number(this.#pop())
  }

  #call(index: number): void {
    const { imports, routines } = this.#module
    const host = imports[index]
    if (host !== undefined) {
      this.#callHost(host.name)
      return
    }
    const routine = routines[index - imports.length] as Routine
    let price = this.#prices.get(routine)
    if (price === undefined) {
      price = priceOf(this.#module, routine)
      this.#prices.set(routine, price)
    }
    const parameters = (routine.type.split(':')[0] as string).length
    const taken = parameters === 0 ? [] : this.#stack.splice(-parameters)
    const locals = Array.from(routine.locals, (letter, i): Value => {
      return taken[i] ?? (letter === 'I' || letter === 'F' ? 0n : 0)
    })
    const { length } = routine.code
    const carries = (routine.type.split(':')[1] as string).length
    const label = { to: length, height: this.#stack.length, carries, isLoop: false }
    this.#frames.push({ routine, price, locals, labels: [label], at: 0 })
    this.#pay(price.segments.get(0)?.cost ?? 0)
    if (price.isSmall) return
    this.#check()
    this.#room -= price.slots
    if (this.#room < 0) throw new Stop('stack-limit')
  }

  /** The host of the vectors: `proc_exit`, and `sched_yield`, which does nothing. */
  #callHost(name: string): void {
    this.#pay(1000)
    this.#check()
    if (name === 'proc_exit') throw new Stop('exit')
    this.#stack.push(0)
  }

  #pay(cost: number): void {
    this.#fuel -= BigInt(cost)
  }

  #check(): void {
    if (this.#fuel < 0n) throw new Stop('out-of-fuel')
  }

  /** Control arrives at a place, by falling or by a branch: what begins there is paid for. */
  #arrive(frame: Frame, at: number): void {
    frame.at = at
    const segment = frame.price.segments.get(at)
    if (segment === undefined) return
    this.#pay(segment.cost)
    if (segment.isLoop) this.#check()
  }

  #return(frame: Frame): void {
    this.#frames.pop()
    if (!frame.price.isSmall) this.#room += frame.price.slots
  }

  #branch(frame: Frame, depth: number): void {
    const { labels } = frame
    const label = labels[labels.length - 1 - depth] as Label
    const carried = this.#stack.slice(this.#stack.length - label.carries)
    this.#stack.length = label.height
    this.#stack.push(...carried)
    labels.length -= label.isLoop ? depth : depth + 1
    if (labels.length === 0) this.#return(frame)
    else this.#arrive(frame, label.to)
  }

  #step(frame: Frame): void {
    const { at, labels } = frame
    const instruction = frame.routine.code[at] as Instruction
    const { name, numbers, end } = instruction
    const [label = 0] = numbers
    if (name === 'block') this.#enter(frame, end + 1, at + 1, label)
    else if (name === 'loop') this.#enter(frame, at + 1, at + 1, 0)
    else if (name === 'if') this.#if(frame, instruction)
    else if (name === 'else') this.#arrive(frame, (labels.pop() as Label).to)
    else if (name === 'end') {
      labels.pop()
      if (labels.length === 0) this.#return(frame)
      else this.#arrive(frame, at + 1)
    } else if (name === 'br') this.#branch(frame, label)
    else if (name === 'br_if') {
      if (this.#pop() !== 0) this.#branch(frame, label)
      else this.#arrive(frame, at + 1)
    } else if (name === 'br_table') {
      this.#branch(frame, numbers[Math.min(this.#index(), numbers.length - 1)] as number)
    } else if (name === 'return') this.#branch(frame, labels.length - 1)
    else if (name === 'call') {
      frame.at = at + 1
      this.#call(label)
    } else if (name === 'call_indirect') {
      frame.at = at + 1
      this.#callIndirect(this.#module.types[label] as Type)
    } else {
      this.#apply(frame, instruction, frame.routine.code[at - 1])
      this.#arrive(frame, at + 1)
    }
  }

  /** Begins a construct: a branch to it leads to `to`. */
  #enter(frame: Frame, to: number, at: number, carries: number): void {
    frame.labels.push({ to, height: this.#stack.length, carries, isLoop: to === at })
    this.#arrive(frame, at)
  }

  #if(frame: Frame, { numbers, end, otherwise }: Instruction): void {
    const isTrue = this.#pop() !== 0
    if (!isTrue && otherwise < 0) this.#arrive(frame, end + 1)
    else {
      const at = isTrue ? frame.at + 1 : otherwise + 1
      this.#enter(frame, end + 1, at, numbers[0] as number)
    }
  }

  #callIndirect(type: Type): void {
    const index = this.#table[this.#index()]
    if (index === undefined) throw new Trap('no function')
    if (typeOf(this.#module, index) !== type) throw new Trap('another type')
    this.#call(index)
  }

  #apply(frame: Frame, instruction: Instruction, before: Instruction | undefined): void {
    const { name, numbers, bits } = instruction
    const [index = 0] = numbers
    const stack = this.#stack
    if (name === 'unreachable') throw new Trap(name)
    if (name === 'nop') return
    if (name === 'drop') stack.pop()
    else if (name === 'select') {
      const isFirst = this.#pop() !== 0
      const [one, two] = stack.splice(-2) as [Value, Value]
      stack.push(isFirst ? one : two)
    } else if (name === 'local.get') stack.push(frame.locals[index] as Value)
    else if (name === 'local.set') frame.locals[index] = this.#pop()
    else if (name === 'local.tee') frame.locals[index] = stack.at(-1) as Value
    else if (name === 'global.get') stack.push(this.#globals[index] as Value)
    else if (name === 'global.set') this.#globals[index] = this.#pop()
    else if (name.endsWith('.const')) stack.push(bits)
    else if (name === 'memory.size') stack.push(this.#memory.pages)
    else if (name === 'memory.grow') stack.push(this.#grow(this.#index()))
    else if (/^(memory|data)\./.test(name)) this.#bulk(name, index)
    else if (name.includes('.load')) stack.push(this.#memory.load(name, this.#index() + index))
    else {
      if (isObserved(name) && !isPlain(before)) stack.push(canonical(name, this.#pop()))
      if (!name.includes('.store')) this.#operate(name)
      else {
        const value = this.#pop()
        this.#memory.store(name, value, this.#index() + index)
      }
    }
  }

  #operate(name: string): void {
    const run = operations.get(name)
    if (run === undefined) throw new Error(`${name} is not known`)
    const isUnary =
      /(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|\.trunc|nearest|sqrt)$|_[fi](32|64)|extend/
    if (isUnary.test(name)) this.#stack.push(run(this.#pop(), 0))
    else {
      const [one, two] = this.#stack.splice(-2) as [Value, Value]
      this.#stack.push(run(one, two))
    }
  }

  #grow(more: number): Value {
    const { pages } = this.#memory
    if (more > this.#pagesMax - pages) return 0xffffffff
    this.#pay(more * 8192)
    this.#check()
    this.#memory.grow(more)
    return pages
  }

  #bulk(name: string, index: number): void {
    const length = name === 'data.drop' ? 0 : this.#index()
    this.#pay(Math.floor(length / 8))
    if (name === 'data.drop') this.#dropped.add(index)
    else {
      const source = this.#index()
      const to = this.#index()
      const bytes = this.#dropped.has(index) ? undefined : this.#module.data[index]?.bytes
      if (name === 'memory.fill') this.#memory.fill(to, source, length)
      else if (name === 'memory.copy') this.#memory.copy(to, source, length)
      else this.#memory.init(to, bytes ?? new Uint8Array(), source, length)
    }
  }
}

/** Where the bits of a NaN are seen. */
function isObserved(name: string): boolean {
  return /^f(32|64)\.(store|copysign)$|^i(32|64)\.reinterpret/.test(name)
}

/** What gives a float whose bits are the same everywhere. */
function isPlain(before: Instruction | undefined): boolean {
  return /^f(32|64)\.(load|const|convert_i|reinterpret_i)/.test(before?.name ?? '')
}

function canonical(name: string, bits: Value): Value {
  const isF32 = name === 'f32.store' || name === 'f32.copysign' || name === 'i32.reinterpret_f32'
  if (isF32) return (Number(bits) & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits
  const size = BigInt(bits) & 0x7fffffffffffffffn
  return size > 0x7ff0000000000000n ? 0x7ff8000000000000n : bits
}
