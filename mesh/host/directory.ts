import type { ContentRouting, PeerInfo } from '@libp2p/interface'
import { type Cid, cidOf, limits, type MeshId, sha256 } from '@nexapod/specs'
import { CID } from 'multiformats/cid'

/** Somebody whom the directory names, and where. A hint: nothing of it has been proved. */
export interface Found {
  readonly peer: string
  readonly addresses: readonly string[]
}

/** What coordinators of a mesh announce that they are found by. */
export function coordinatorsOf(mesh: MeshId): Cid {
  return cidOf('raw', sha256(new TextEncoder().encode(`nexapod/coordinators/1/${mesh}`)))
}

/** Tells the directory that this host has what a CID names. */
export async function announce(
  routing: ContentRouting,
  cid: Cid,
  signal: AbortSignal,
): Promise<void> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.findMs)])
  await routing.provide(CID.parse(cid), { signal: ended })
}

/** Who is said to have what a CID names: each once, some at most, and not for long. */
export async function* find(
  routing: ContentRouting,
  cid: CID,
  signal: AbortSignal | undefined,
): AsyncGenerator<PeerInfo> {
  const timeout = AbortSignal.timeout(limits.findMs)
  const ended = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const named = new Set<string>()
  try {
    for await (const provider of routing.findProviders(cid, { signal: ended })) {
      const { id, multiaddrs } = provider
      if (named.has(id.toString())) continue
      named.add(id.toString())
      yield { id, multiaddrs: multiaddrs.slice(0, limits.dialAddressesMax) }
      if (named.size === limits.providersMax) return
    }
  } catch (cause) {
    // Time is over, or nobody is there to be asked: then this is all that was found.
    if (!ended.aborted && !isNobody(cause)) throw cause
    signal?.throwIfAborted()
  }
}

function isNobody(cause: unknown): boolean {
  const names = ['NoContentRoutersError', 'QueryAbortedError', 'AbortError', 'TimeoutError']
  return cause instanceof Error && names.includes(cause.name)
}
