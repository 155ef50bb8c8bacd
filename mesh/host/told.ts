import type { Startable } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'

/**
 * Tells others where this host listens. The library tells public addresses when strangers have
 * dialled back and found them, by a service of strangers; here an operator configured them.
 */
export function told({
  addressManager,
  events,
}: Pick<KadDHTComponents, 'addressManager' | 'events'>): Startable {
  const tell: Parameters<typeof events.addEventListener<'transport:listening'>>[1] = (event) => {
    if (!('detail' in event)) return
    for (const address of event.detail.getAddrs()) {
      if (address.getComponents().some(({ name }) => name === 'p2p-circuit')) continue
      addressManager.confirmObservedAddr(address, { type: 'transport' })
    }
  }
  return {
    start: () => events.addEventListener('transport:listening', tell),
    stop: () => events.removeEventListener('transport:listening', tell),
  }
}
