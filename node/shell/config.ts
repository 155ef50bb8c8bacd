import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { explain, type Invitation, parseInvitation } from '@nexapod/specs'
import { limitsIn, limitsPathIn } from './limits-file.ts'
import type { NodeConfig } from './node.ts'

/** How the process is begun. */
export const usage = `node node/shell/main.ts --dir DIRECTORY --join INVITATION
  --dir DIRECTORY     its key, its journal and its data
  --join INVITATION   the mesh, as nexapod://mesh/...
  --limits FILE       what its owner lends, as JSON; else limits.json in its directory
  --gateway URL       where a coordinator gives public data, once or more
  --page PORT         a page for its owner on this machine; 0 for any port`

/** Reads the command line; what is wrong with it is thrown, in words. */
export async function processConfig(args: readonly string[]): Promise<Omit<NodeConfig, 'tell'>> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      join: { type: 'string' },
      limits: { type: 'string' },
      gateway: { type: 'string', multiple: true, default: [] },
      page: { type: 'string' },
    },
  })
  const { dir, join: invitation, limits: named, gateway, page } = values
  if (dir === undefined || invitation === undefined) throw new Error('--dir and --join are needed')
  if (page !== undefined && !isPort(page))
    throw new Error('--page: expected a port from 0 to 65535')
  // One that is named has to be there: a name that was mistyped would lend as is usual.
  if (named !== undefined) await access(named)
  // Whoever is told where they are may stand in another directory.
  const limits = await limitsIn(resolve(named ?? limitsPathIn(dir)))
  if (!limits.ok) throw new Error(explain(limits.refusal))
  return {
    directory: dir,
    invitation: invited(invitation),
    limits: limits.value,
    gateways: gateway,
    ...(page === undefined ? {} : { page: Number(page) }),
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535
}

function invited(text: string): Invitation {
  const invitation = parseInvitation(text)
  if (invitation.ok) return invitation.value
  throw new Error(`--join: ${explain(invitation.refusal)}`)
}
