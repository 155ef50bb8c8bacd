import { type GossipSub, type gossipsub, TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { encode, limits, type MeshId, type Schema, sha256, topics } from '@nexapod/specs'
import type { Gossip, Hearing, TopicName } from './hearing.ts'

/** What is to be done with who passes on what is wrong. */
export interface Gate {
  ban(peer: string): void
}

/** The topics of one mesh. */
export interface Talk {
  /** Says it to the peers that are there, and how many those were: none is no fault. */
  publish<T extends TopicName>(topic: T, document: Gossip[T]['document']): Promise<number>
  /** Hears what is true and new, until the returned function is called. */
  on<T extends TopicName>(topic: T, hear: (heard: Gossip[T]) => void): () => void
}

const names = Object.keys(topics) as TopicName[]

/** The topic that is joined: that of the contract, in this mesh alone. */
export function topicOf(name: TopicName, mesh: MeshId): string {
  return `${topics[name].id}/${mesh}`
}

/** Joins the topics. Each document is opened before it is passed on, and never twice. */
export function talk(gossip: GossipSub, mesh: MeshId, hearing: Hearing, gate: Gate): Talk {
  const hearers = new Map<TopicName, Set<(heard: Gossip[TopicName]) => void>>()
  const peers = new Conduct(gate)
  outs(gossip, gate)
  for (const name of names) {
    const listeners = new Set<(heard: Gossip[TopicName]) => void>()
    hearers.set(name, listeners)
    gossip.topicValidators.set(topicOf(name, mesh), (peer, { data }) => {
      const from = peer.toString()
      peers.said(from)
      // What comes too fast is judged as well: the library will not show it again, from nobody,
      // so a flood could otherwise carry away what others would have said.
      const verdict = hearing.judge(name, data)
      if ('heard' in verdict) {
        for (const hear of listeners) queueMicrotask(() => hear(verdict.heard))
        return TopicValidatorResult.Accept
      }
      if (verdict.as === 'drop') return TopicValidatorResult.Ignore
      peers.wrong(from)
      return TopicValidatorResult.Reject
    })
    gossip.subscribe(topicOf(name, mesh))
  }
  return {
    async publish(topic, document) {
      const { message } = topics[topic]
      const bytes = encode(message as Schema<unknown>, document)
      const { recipients } = await gossip.publish(topicOf(topic, mesh), bytes)
      return recipients.length
    },
    on(topic, hear) {
      const listeners = hearers.get(topic)
      const heard = hear as (heard: Gossip[TopicName]) => void
      listeners?.add(heard)
      return () => listeners?.delete(heard)
    },
  }
}

/**
 * Puts out who sends a frame that is too long. The library reads on none of it, and holds what
 * comes after it as long as there is a connection.
 */
function outs(gossip: GossipSub, gate: Gate): void {
  const library = gossip as unknown as {
    handlePeerReadStreamError(cause: Error, peer: PeerId): void
  }
  const failed = library.handlePeerReadStreamError.bind(gossip)
  Object.assign(gossip, {
    handlePeerReadStreamError(cause: Error, peer: PeerId) {
      failed(cause, peer)
      if (cause.name.startsWith('InvalidDataLength')) gate.ban(peer.toString())
    },
  })
}

/** How peers behave: how much each says in this second, and how much was wrong. */
class Conduct {
  readonly #gate: Gate
  #said = new Map<string, number>()
  #wrong = new Map<string, number>()
  #second = 0

  constructor(gate: Gate) {
    this.#gate = gate
  }

  said(peer: string): void {
    const second = Math.floor(performance.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#said = new Map()
    }
    const said = (this.#said.get(peer) ?? 0) + 1
    this.#said.set(peer, said)
    if (said === limits.gossipPerSecondMax) this.#gate.ban(peer)
  }

  wrong(peer: string): void {
    const count = (this.#wrong.get(peer) ?? 0) + 1
    this.#wrong.delete(peer)
    if (count >= limits.gossipWrongMax) {
      this.#gate.ban(peer)
      return
    }
    if (this.#wrong.size >= limits.connectionsMax) {
      for (const oldest of this.#wrong.keys()) if (this.#wrong.delete(oldest)) break
    }
    this.#wrong.set(peer, count)
  }
}

/**
 * What one frame of the library may hold: an answer to a request for what was missed, 64 messages
 * of 2 KiB. A half one is held, twice while it grows, as long as its connection, and one address
 * has hundreds of those.
 */
const rpcBytesMax = 8 * limits.gossipBytesMax

/** How the library's gossip is set up: unsigned, since every document is signed itself. */
export function gossipSettings(mesh: MeshId): NonNullable<Parameters<typeof gossipsub>[0]> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => sha256(data).subarray(0, 20),
    seenTTL: limits.gossipMsMax + limits.clockSkewMs,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    doPX: false,
    fallbackToFloodsub: false,
    tagMeshPeers: false,
    allowedTopics: names.map((name) => topicOf(name, mesh)),
    maxInboundStreams: 1,
    maxOutboundStreams: 1,
    maxInboundDataLength: rpcBytesMax,
    maxOutboundBufferSize: 4 * rpcBytesMax,
    messageProcessingConcurrency: limits.gossipChecksMax,
    decodeRpcLimits: {
      maxSubscriptions: 16,
      maxMessages: 64,
      maxIhaveMessageIDs: 1024,
      maxIwantMessageIDs: 1024,
      maxControlMessages: 64,
      maxIdontwantMessageIDs: 512,
      maxPeerInfos: 0,
    },
  }
}
