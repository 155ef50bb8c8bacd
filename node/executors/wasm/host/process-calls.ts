import { limits } from '@nexapod/specs/wasm'
import { errno } from './codes.ts'
import { Ending } from './ending.ts'
import { type Guest, type HostCalls, unsigned } from './guest.ts'
import { clockNsMax, earlier } from './meter.ts'

const clocks = { realtime: 0, monotonic: 1, process: 2, thread: 3 } as const
const absolute = 1

type ProcessCalls = Pick<
  HostCalls,
  | 'args_get'
  | 'args_sizes_get'
  | 'environ_get'
  | 'environ_sizes_get'
  | 'clock_res_get'
  | 'clock_time_get'
  | 'poll_oneoff'
  | 'proc_exit'
  | 'random_get'
  | 'sched_yield'
>

/** What a program may ask about itself: arguments, variables, time, chance, and its end. */
export function processCalls(guest: Guest): ProcessCalls {
  return {
    args_get: (list, bytes) => texts(guest, guest.args, list, bytes),
    args_sizes_get: (count, size) => sizes(guest, guest.args, count, size),
    environ_get: (list, bytes) => texts(guest, guest.variables, list, bytes),
    environ_sizes_get: (count, size) => sizes(guest, guest.variables, count, size),
    clock_res_get: (clock, at) => (clock > clocks.thread ? errno.inval : time(guest, 1n, at)),
    clock_time_get: (clock, _precision, at) => {
      const now = clockOf(guest, clock)
      return now === undefined ? errno.inval : time(guest, now, at)
    },
    poll_oneoff: (subscriptions, events, count, stored) =>
      poll(guest, subscriptions, events, count, stored),
    proc_exit: (code) => {
      throw new Ending({ type: 'exit', code })
    },
    random_get: (at, length) => {
      const { memory, meter, chance } = guest
      if (!memory.has(at, length)) return errno.fault
      meter.bytes(length)
      chance.fill(memory.bytes.subarray(at, at + length))
      return errno.success
    },
    sched_yield: () => errno.success,
  }
}

function texts(
  { memory, meter }: Guest,
  all: readonly Uint8Array[],
  list: number,
  bytes: number,
): number {
  const size = sizeOf(all)
  if (!memory.has(list, 4 * all.length) || !memory.has(bytes, size)) return errno.fault
  meter.bytes(size)
  let at = bytes
  for (const [i, text] of all.entries()) {
    memory.view.setUint32(list + 4 * i, at, true)
    memory.bytes.set(text, at)
    at += text.length
  }
  return errno.success
}

function sizes({ memory }: Guest, all: readonly Uint8Array[], count: number, size: number): number {
  if (!memory.has(count, 4) || !memory.has(size, 4)) return errno.fault
  memory.view.setUint32(count, all.length, true)
  memory.view.setUint32(size, sizeOf(all), true)
  return errno.success
}

function sizeOf(texts: readonly Uint8Array[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0)
}

function time({ memory }: Guest, value: bigint, at: number): number {
  if (!memory.has(at, 8)) return errno.fault
  memory.view.setBigUint64(at, value, true)
  return errno.success
}

function clockOf({ meter, epochNs }: Guest, clock: number): bigint | undefined {
  if (clock === clocks.realtime) return epochNs + meter.now
  if (clock === clocks.monotonic) return meter.now
  // Sleep costs no time of a processor.
  return clock === clocks.process || clock === clocks.thread ? meter.used : undefined
}

interface Happened {
  readonly userdata: bigint
  readonly error: number
  readonly type: number
  readonly bytes: bigint
}

interface Timer {
  readonly userdata: bigint
  readonly until: bigint
}

/**
 * Files and streams are always ready, so if any is asked for, no time passes. Else the clock of the
 * unit goes on to the first moment that is waited for.
 */
function poll(guest: Guest, from: number, to: number, count: number, stored: number): number {
  const { memory, meter } = guest
  if (count === 0 || count > limits.wasmSubscriptionsMax) return errno.inval
  const inside = memory.has(from, 48 * count) && memory.has(to, 32 * count)
  if (!inside || !memory.has(stored, 4)) return errno.fault
  meter.bytes(80 * count)
  const ready: Happened[] = []
  const timers: Timer[] = []
  for (let i = 0; i < count; i++) {
    const found = subscription(guest, from + 48 * i)
    if ('until' in found) timers.push(found)
    else ready.push(found)
  }
  if (ready.length === 0) {
    meter.sleepUntil(timers.reduce((first, { until }) => earlier(until, first), wide))
  }
  const { now } = meter
  for (const { userdata, until } of timers) {
    if (until <= now || until > clockNsMax) {
      ready.push({ userdata, error: errno.success, type: 0, bytes: 0n })
    }
  }
  for (const [i, event] of ready.entries()) store(guest, to + 32 * i, event)
  memory.view.setUint32(stored, ready.length, true)
  return errno.success
}

const wide = 1n << 64n

function subscription(guest: Guest, at: number): Happened | Timer {
  const { view } = guest.memory
  const userdata = view.getBigUint64(at, true)
  const type = view.getUint8(at + 8)
  if (type === 0) {
    const clock = view.getUint32(at + 16, true)
    const timeout = view.getBigUint64(at + 24, true)
    const isAbsolute = (view.getUint16(at + 40, true) & absolute) !== 0
    const now = clockOf(guest, clock)
    if (now === undefined) return { userdata, error: errno.inval, type, bytes: 0n }
    const wait = isAbsolute ? timeout - now : timeout
    return { userdata, until: guest.meter.now + (wait > 0n ? wait : 0n) }
  }
  if (type > 2) return { userdata, error: errno.inval, type, bytes: 0n }
  const descriptor = guest.descriptors.get(view.getUint32(at + 16, true))
  if (descriptor === undefined) return { userdata, error: errno.badf, type, bytes: 0n }
  const { node, offset } = descriptor
  const left = 'size' in node && type === 1 ? Math.max(0, node.size - offset) : 0
  return { userdata, error: errno.success, type, bytes: unsigned(BigInt(left)) }
}

function store({ memory }: Guest, at: number, { userdata, error, type, bytes }: Happened): void {
  const { view } = memory
  memory.bytes.fill(0, at, at + 32)
  view.setBigUint64(at, userdata, true)
  view.setUint16(at + 8, error, true)
  view.setUint8(at + 10, type)
  view.setBigUint64(at + 16, bytes, true)
}
