import type { PeerInfo } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import type { MeshId } from '@nexapod/specs'

type Discovery = ReturnType<ReturnType<typeof mdns>>

/**
 * Looks for others of the mesh on the local network, and tells it of this host. Whoever answers
 * may be anybody there: they are dialled like others that were heard of, and prove their key.
 */
export function lan(
  mesh: MeshId,
  found: (peer: PeerInfo) => void,
): (components: Parameters<ReturnType<typeof mdns>>[0]) => Discovery {
  return (components) => {
    const discovery = mdns({ serviceTag: tagOf(mesh) })(components)
    discovery.addEventListener('peer', ({ detail }) => found(detail))
    return discovery
  }
}

/** What a mesh is called by on a local network, in labels of at most 63 letters. */
function tagOf(mesh: MeshId): string {
  return `_nexapod-${mesh.slice(0, 32)}._tcp.local`
}
