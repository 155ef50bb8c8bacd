import type { gossipsub } from '@libp2p/gossipsub'
import { limits, type MeshId, sha256, topics } from '@nexapod/specs'

/** A topic of the contract. */
export type TopicName = keyof typeof topics

/** The topic that is joined: that of the contract, in this mesh alone. */
export function topicOf(name: TopicName, mesh: MeshId): string {
  return `${topics[name].id}/${mesh}`
}

const rpcBytesMax = 64 * limits.gossipBytesMax

/** How the library's gossip is set up: unsigned, since every document is signed itself. */
export function gossipSettings(mesh: MeshId): NonNullable<Parameters<typeof gossipsub>[0]> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => sha256(data).subarray(0, 20),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    doPX: false,
    fallbackToFloodsub: false,
    tagMeshPeers: false,
    allowedTopics: (Object.keys(topics) as TopicName[]).map((name) => topicOf(name, mesh)),
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
