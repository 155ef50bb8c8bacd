import { type Connection, isPeerId, type Libp2p } from '@libp2p/interface'

/**
 * Lets streams use a relayed connection that is there. The library dials for each of them anew,
 * and each new one begins another hole punch, and waits for the one that is under way.
 */
export function reuse(libp2p: Libp2p): void {
  const dial = libp2p.dial.bind(libp2p)
  const dialProtocol = libp2p.dialProtocol.bind(libp2p)
  Object.assign(libp2p, {
    async dial(to, options) {
      return connectionTo(libp2p, to) ?? (await dial(to, options))
    },
    async dialProtocol(to, protocols, options) {
      const there = connectionTo(libp2p, to)
      if (there === undefined) return dialProtocol(to, protocols, options)
      return there.newStream(protocols, options)
    },
  } satisfies Pick<Libp2p, 'dial' | 'dialProtocol'>)
}

/** The best connection to a peer: one that has no limits, if there is one. */
function connectionTo(libp2p: Libp2p, to: Parameters<Libp2p['dial']>[0]): Connection | undefined {
  if (!isPeerId(to)) return undefined
  const open = libp2p.getConnections(to).filter(({ status }) => status === 'open')
  return open.find(({ limits }) => limits === undefined) ?? open[0]
}
