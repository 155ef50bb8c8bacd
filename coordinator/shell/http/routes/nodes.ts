import { accept, limits, type NodeId, type OwnerId, peerId, refuse, struct } from '@nexapod/specs'
import type { NodeView } from '../../home/view.ts'
import { nodeOf, nodesOf } from '../here.ts'
import { after, limit, pageOf } from '../query.ts'
import { nothing, type Route, reads } from '../route.ts'
import { shapes } from '../shapes.ts'
import { idleOf } from '../words.ts'

const byNode = struct({ node: peerId<NodeId>() })

/** Nodes that are here. */
export const nodeRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/nodes', tag: 'nodes', about: 'Nodes that are here, or hold a unit.' },
    ...{ params: nothing, query: struct({ limit, cursor: after }), gives: shapes.NodePage },
    async act({ judge }, { query }) {
      const { limit: count = limits.pageDefault, cursor: from = '' } = query
      const nodes = await nodesOf(judge, from, count + 1)
      if (!nodes.ok) return nodes
      const { items, ...next } = pageOf(nodes.value, count, ({ id }) => id)
      return accept({ value: { items: items.map(shownNode), ...next } })
    },
  }),
  reads({
    ...{ path: '/api/v1/nodes/{node}', tag: 'nodes', about: 'A node that is here.' },
    ...{ params: byNode, query: nothing, gives: shapes.Node },
    async act({ judge }, { params }) {
      const node = await nodeOf(judge, params.node)
      if (!node.ok) return node
      if (node.value === undefined)
        return refuse('http.unknown', { at: 'node', detail: 'a node that is here' })
      return accept({ value: shownNode(node.value) })
    },
  }),
  reads({
    ...{ path: '/api/v1/nodes/{node}/why', tag: 'nodes', about: 'Why a node is given nothing.' },
    ...{ params: byNode, query: nothing, gives: shapes.Idle },
    async act({ judge }, { params }) {
      const node = await nodeOf(judge, params.node)
      if (!node.ok) return node
      return accept({ value: idleOf(node.value?.idle ?? { type: 'away' }) })
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}/nodes', tag: 'nodes' },
    about: 'The nodes of an owner: what each does now, and what it did by the hour.',
    params: struct({ owner: peerId<OwnerId>() }),
    ...{ query: struct({ limit, cursor: after }), gives: shapes.OwnedPage },
    async act({ register, judge, time }, { params: { owner }, query, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, cursor: from = '' } = query
      const owned = register.nodes.ownedBy(owner, time.wall(), from, count + 1)
      const { items, ...next } = pageOf(owned, count, ({ node }) => node)
      const shown = await Promise.all(
        items.map(async ({ node, expires, ...did }) => {
          const view = await nodeOf(judge, node as NodeId)
          const now = view.ok && view.value !== undefined ? { now: shownNode(view.value) } : {}
          return { id: node as NodeId, until: expires, ...did, ...now }
        }),
      )
      return accept({ value: { items: shown, ...next } })
    },
  }),
]

function shownNode({ idle, reputation, ...node }: NodeView) {
  const { wasm, docker } = reputation
  const records = {
    ...(wasm === undefined ? {} : { wasm }),
    ...(docker === undefined ? {} : { docker }),
  }
  return { ...node, idle: idleOf(idle), reputation: records }
}
