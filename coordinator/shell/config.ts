import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import {
  decode,
  explain,
  limits,
  type Mesh,
  meshDocument,
  parseInvitation,
  type Rates,
  type Signed,
  signedSchema,
} from '@nexapod/specs'
import { ratesFrom, type Source } from './founding.ts'

/** What the process of a coordinator is told. */
export interface ProcessConfig {
  readonly directory: string
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  readonly mesh: Source
  readonly drainMs: number
  /** Where its API is, if it has one. */
  readonly http: { readonly host: string; readonly port: number } | undefined
  /** Pages that may ask there, beside its own. */
  readonly origins: readonly string[]
  /** The built wall, if its API serves one. */
  readonly wall: string | undefined
}

/** How the process is begun. */
const usage = `node coordinator/shell/main.ts --dir DIRECTORY --listen ADDRESS...
  --dir DIRECTORY     its key, its ledger and its copies of others
  --listen ADDRESS    a multiaddr such as /ip4/0.0.0.0/tcp/4001, once or more
  --announce ADDRESS  what others dial instead, behind a router
  --mesh FILE         a mesh that its members have signed; else one of its own is founded
  --join INVITATION   a mesh that is there; it begins when the roster names it
  --name NAME         what that one is called
  --rates JSON        what differs there from the usual rate card
  --drain-ms MS       how long it waits for leases when it is told to end
  --http HOST:PORT    where its HTTP API is, such as 127.0.0.1:4080; without it there is none
  --origin ORIGIN     pages that may ask there, such as https://example.org, once or more
  --wall DIRECTORY    the built wall, which is shown at / there`

/** Reads the command line; what is wrong with it is thrown, in words. */
export async function processConfig(args: readonly string[]): Promise<ProcessConfig> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      listen: { type: 'string', multiple: true },
      announce: { type: 'string', multiple: true, default: [] },
      mesh: { type: 'string' },
      join: { type: 'string' },
      name: { type: 'string', default: 'mesh' },
      rates: { type: 'string', default: '{}' },
      'drain-ms': { type: 'string', default: String(limits.drainMs) },
      http: { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      wall: { type: 'string' },
    },
  })
  const { dir, listen, announce, 'drain-ms': drain, http, origin, wall } = values
  if (dir === undefined || listen === undefined) {
    throw new Error(`--dir and --listen are needed\n${usage}`)
  }
  for (const address of [...listen, ...announce]) addressed(address)
  const drainMs = Number(drain)
  if (!Number.isSafeInteger(drainMs) || drainMs < 0) throw new Error(`--drain-ms ${drain}`)
  return {
    ...{ directory: dir, listen, announce, drainMs, origins: origin.map(originOf), wall },
    http: http === undefined ? undefined : hostAndPort(http),
    mesh: await sourceOf(values),
  }
}

function addressed(text: string): void {
  if (text.startsWith('/')) return
  throw new Error(`${text} is no address: it is a multiaddr such as /ip4/0.0.0.0/tcp/4001`)
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found === null || port > 65_535) throw new Error(`--http ${text}: HOST:PORT is needed`)
  return { host: found[1] ?? found[2] ?? '', port }
}

function originOf(text: string): string {
  const isOrigin = URL.canParse(text) && new URL(text).origin === text
  if (!isOrigin) throw new Error(`--origin ${text}: such as https://example.org, and no more`)
  return text
}

function ratesOf(json: string): Rates {
  const rates = ratesFrom(json)
  if (rates.ok) return rates.value
  throw new Error(`--rates: ${rates.refusal.at ?? ''} ${rates.refusal.detail}`)
}

/** Where its mesh comes from, if nothing is on its disk. */
async function sourceOf(values: {
  readonly mesh?: string | undefined
  readonly join?: string | undefined
  readonly name: string
  readonly rates: string
}): Promise<Source> {
  const { mesh, join, name, rates } = values
  if (mesh !== undefined && join !== undefined) throw new Error('--mesh or --join, not both')
  if (mesh !== undefined) return await signedIn(mesh)
  if (join === undefined) return { name, rates: ratesOf(rates) }
  const invitation = parseInvitation(join)
  if (invitation.ok) return invitation.value
  throw new Error(`--join: ${explain(invitation.refusal)}`)
}

async function signedIn(path: string): Promise<Signed<Mesh>> {
  const schema = signedSchema(meshDocument, limits.rosterMax)
  const signed = decode(schema, new Uint8Array(await readFile(path)))
  if (signed.ok) return signed.value
  throw new Error(`${path}: ${signed.refusal.code}: ${signed.refusal.detail}`)
}
