import type { Connection, Stream } from '@libp2p/interface'
import { Channel } from './channel.ts'
import type { Clock } from './clock.ts'
import { pipeOf } from './libp2p-pipe.ts'
import { networkOf } from './network.ts'
import type { Pool } from './pool.ts'
import type { Quotas } from './quota.ts'
import type { Side } from './side.ts'

/** What those who let streams in have in common. */
export interface Gate {
  readonly clock: Clock
  readonly pool: Pool
  readonly quotas: Quotas
}

/**
 * The channel over a stream that somebody opened to us, held to what that peer and its network may
 * do; nothing if that is used up, which the peer was told.
 */
export function admit<Out, In>(
  stream: Stream,
  connection: Connection,
  side: Side<Out, In>,
  { clock, pool, quotas }: Gate,
): Channel<Out, In> | undefined {
  const entered = quotas.enter({
    peer: connection.remotePeer.toString(),
    network: networkOf(connection.remoteAddr),
    protocol: stream.protocol,
  })
  const ground = entered.ok ? { clock, pool, meter: entered.value } : { clock, pool }
  const channel = new Channel(pipeOf(stream), side, ground)
  if (entered.ok) return channel
  channel.refuse(entered.refusal)
  return undefined
}
