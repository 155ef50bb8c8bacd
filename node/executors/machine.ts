import { statfs } from 'node:fs/promises'
import { limits, type NodeId } from '@nexapod/specs'
import { battery, cpu, mem, osInfo } from 'systeminformation'
import type { Machine, Observations } from '../core/limits/observations.ts'
import { gpusHere } from './gpus.ts'

/** What a machine is, as the system tells it; what its executors can do is measured beside. */
export async function machineOf(node: NodeId): Promise<Omit<Machine, 'executors'>> {
  // An accelerator that no executor can give to a unit is none.
  const [processor, system, gpus] = await Promise.all([cpu(), osInfo(), gpusHere()])
  return {
    node,
    tier: gpus.length > 0 ? 'gpu' : 'cpu',
    platform: { os: wordOf(system.platform), arch: wordOf(system.arch) },
    cores: Math.min(Math.max(1, processor.cores), limits.coresMax),
    gpus: gpus.map(({ name, ramBytes }) => ({ name, ramBytes })),
  }
}

/** What of a moment the system tells: memory, disk where outputs and inputs are kept, and power. */
export async function observedAt(
  directory: string,
): Promise<Pick<Observations, 'ramBytesFree' | 'diskBytesFree' | 'power' | 'batteryPercent'>> {
  const [memory, disk, cell] = await Promise.all([mem(), statfs(directory), battery()])
  const observed = { ramBytesFree: memory.available, diskBytesFree: disk.bavail * disk.bsize }
  if (!cell.hasBattery) return { ...observed, power: 'mains' }
  const power = cell.acConnected ? ('mains' as const) : ('battery' as const)
  return { ...observed, power, batteryPercent: cell.percent }
}

/** A word as an offer has it. */
function wordOf(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, '')
      .slice(0, 32) || 'unknown'
  )
}
