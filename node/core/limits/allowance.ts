import type { Offer } from '@nexapod/specs'
import { lendsForMs } from './hours.ts'
import type { Limits } from './limits.ts'
import type { Machine, Observations } from './observations.ts'
import { type Reason, reason } from './reasons.ts'

/** What may be used at a moment, and what stands against using more. */
export interface Allowance {
  readonly cores: number
  readonly cpuPercent: number
  /** What executions may hold together: beyond it they go back. */
  readonly ramBytesMax: number
  /** The same as far as it is free: beyond it nothing begins. */
  readonly ramBytes: number
  readonly diskBytes: number
  readonly gpus: Offer['gpus']
  readonly tier: Offer['tier']
  readonly executors: Offer['executors']
  readonly windowMs: number
  /** Why nothing may run. */
  readonly stops: readonly Reason[]
  /** Why nothing new may be fetched or taken, though what is there may run. */
  readonly holds: readonly Reason[]
}

/** What a node uses of its machine. */
export interface Used {
  readonly cores: number
  readonly ramBytes: number
  readonly diskBytes: number
}

/** A machine that stopped for its heat starts again when it has cooled by so much. */
const cooledBy = 5

/** What the limits allow a machine that is found like this, with what is used already in it. */
export function allowanceOf(
  machine: Machine,
  limits: Limits,
  observed: Observations,
  used: Used,
): Allowance {
  const inUse = isInUse(limits, observed)
  const use = inUse ? limits.inUse : limits.idle
  const gpus = limits.tiers.includes('gpu') ? machine.gpus.slice(0, limits.gpus) : []
  const tier = tierOf(machine, limits, gpus.length)
  const executors = executorsOf(machine, limits, use.cpuPercent)
  const windowMs = lendsForMs(limits.hours, observed.clock)
  const stops = [
    ...(windowMs > 0 ? [] : [reason('hours')]),
    ...battery(limits, observed),
    ...temperature(limits, observed, used.cores > 0),
    ...program(limits, observed),
    ...(use.cores > 0 ? [] : [reason(inUse ? 'in-use' : 'cores')]),
    ...(use.ramBytes > 0 ? [] : [reason('memory', 'none is lent')]),
    ...(executors.length > 0 ? [] : [reason('executors')]),
    ...(tier === undefined ? [reason('tier', machine.tier)] : []),
  ]
  const ramBytes = free(use.ramBytes, observed.ramBytesFree, used.ramBytes)
  const diskBytes = free(limits.diskBytes, observed.diskBytesFree, used.diskBytes)
  return {
    cores: stops.length > 0 ? 0 : Math.min(use.cores, machine.cores),
    cpuPercent: use.cpuPercent,
    ramBytesMax: use.ramBytes,
    ramBytes,
    diskBytes,
    gpus,
    tier: tier ?? (machine.tier === 'hpc' ? 'hpc' : 'cpu'),
    executors,
    windowMs,
    stops,
    holds: [
      ...(ramBytes > 0 || use.ramBytes === 0 ? [] : [reason('memory')]),
      ...(diskBytes > 0 ? [] : [reason('disk')]),
      ...((observed.metered ?? true) && !limits.metered ? [reason('metered')] : []),
      ...transfers(limits, observed),
    ],
  }
}

/** Whether somebody uses the machine, as far as it can be told: unknown counts as that. */
export function isInUse(limits: Limits, { idleMs }: Observations): boolean {
  return idleMs === undefined || idleMs < limits.idleAfterMs
}

/** What is lent of what is free or used already; what is free counts as far as it is known. */
function free(lent: number, bytesFree: number | undefined, bytesUsed: number): number {
  if (bytesFree === undefined) return lent
  // What is free changes all the time, and offers should not follow it.
  return Math.min(lent, Math.floor((bytesFree + bytesUsed) / stepBytes) * stepBytes)
}

const stepBytes = 256 * 1_000_000

function tierOf(machine: Machine, limits: Limits, gpus: number): Offer['tier'] | undefined {
  if (machine.tier === 'hpc') return limits.tiers.includes('hpc') ? 'hpc' : undefined
  if (gpus > 0) return 'gpu'
  return limits.tiers.includes('cpu') ? 'cpu' : undefined
}

/** A core that is lent by half is half as fast. */
function executorsOf(machine: Machine, limits: Limits, cpuPercent: number): Offer['executors'] {
  return machine.executors.flatMap((executor): Offer['executors'] => {
    if (executor.type === 'wasm') {
      if (!limits.executors.wasm) return []
      const fuelPerSecond = Math.max(1, Math.floor((executor.fuelPerSecond * cpuPercent) / 100))
      return [{ ...executor, fuelPerSecond }]
    }
    if (!limits.executors.docker) return []
    return [{ ...executor, anyImage: limits.executors.anyImage }]
  })
}

function battery({ battery: allowed }: Limits, observed: Observations): Reason[] {
  if (observed.power === 'mains') return []
  if (allowed === undefined) return [reason('battery', observed.power ?? 'unknown')]
  const percent = observed.batteryPercent
  if (percent !== undefined && percent >= allowed.percentMin) return []
  const found = percent === undefined ? 'unknown' : `${percent} %`
  return [reason('battery', `${found}, at least ${allowed.percentMin} %`)]
}

function temperature({ celsiusMax }: Limits, { celsius }: Observations, busy: boolean): Reason[] {
  if (celsiusMax === undefined) return []
  const most = busy ? celsiusMax : celsiusMax - cooledBy
  if (celsius !== undefined && celsius <= most) return []
  return [reason('temperature', `${celsius ?? 'unknown'}, at most ${most} °C`)]
}

function program({ programs }: Limits, observed: Observations): Reason[] {
  if (programs.length === 0) return []
  if (observed.programs === undefined) return [reason('program', 'unknown')]
  const found = observed.programs.filter((one) => programs.includes(one))
  return found.length === 0 ? [] : [reason('program', found.join(', '))]
}

function transfers({ transfers: most }: Limits, { transferred }: Observations): Reason[] {
  const { downBytesMax = Number.POSITIVE_INFINITY, upBytesMax = Number.POSITIVE_INFINITY } = most
  const over = transferred.downBytes >= downBytesMax || transferred.upBytes >= upBytesMax
  return over ? [reason('transfers')] : []
}
