import { readFile } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { explain, fromJson, type Invitation, parseInvitation } from '@nexapod/specs'
import { type Limits, limitsSchema } from '../core/limits/limits.ts'
import type { NodeConfig } from './node.ts'

/** How the process is begun. */
export const usage = `node node/shell/main.ts --dir DIRECTORY --join INVITATION
  --dir DIRECTORY     its key, its journal and its data
  --join INVITATION   the mesh, as nexapod://mesh/...
  --limits FILE       what its owner lends, as JSON; else all cores, and half of the memory
  --gateway URL       where a coordinator gives public data, once or more`

/** Reads the command line; what is wrong with it is thrown, in words. */
export async function processConfig(args: readonly string[]): Promise<Omit<NodeConfig, 'tell'>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      join: { type: 'string' },
      limits: { type: 'string' },
      gateway: { type: 'string', multiple: true, default: [] },
    },
  })
  const { dir, join, limits, gateway } = values
  if (dir === undefined || join === undefined) throw new Error('--dir and --join are needed')
  return {
    directory: dir,
    invitation: invited(join),
    limits: limits === undefined ? usualLimits() : await limitsIn(limits),
    gateways: gateway,
  }
}

/** All cores and half of the memory, as long as the machine has nothing else to do. */
function usualLimits(): Limits {
  const cores = availableParallelism()
  const use = { cores, cpuPercent: 100, ramBytes: Math.floor(totalmem() / 2) }
  return {
    ...{ v: 1, inUse: use, idle: use, idleAfterMs: 0, onReturn: 'freeze', hours: [] },
    ...{ metered: true, diskBytes: 10_000_000_000, transfers: {}, programs: [], projects: [] },
    avoids: { projects: [], publishers: [] },
    executors: { wasm: true, docker: false, anyImage: false, images: [] },
    tiers: ['cpu', 'gpu', 'hpc'],
    gpus: 0,
  }
}

function invited(text: string): Invitation {
  const invitation = parseInvitation(text)
  if (invitation.ok) return invitation.value
  throw new Error(`--join: ${explain(invitation.refusal)}`)
}

async function limitsIn(path: string): Promise<Limits> {
  const limits = fromJson(limitsSchema, JSON.parse(await readFile(path, 'utf8')))
  if (limits.ok) return limits.value
  throw new Error(`${path}: ${explain(limits.refusal)}`)
}
