import {
  encode,
  type FromNode,
  type JobId,
  type Lease,
  leaseDocument,
  limits,
  type MeshId,
  sign,
  toHex,
} from '../../specs/index.ts'
import { delivery, inTheNameOf, secretManifest } from './forged.ts'
import { executed } from './honest-unit.ts'
import { executionOf, withLeases } from './leases.ts'
import type { HostilePeer, Leased } from './peer.ts'
import type { Scene } from './scene.ts'
import type { Try } from './try.ts'

const nobody = toHex(new Uint8Array(32).fill(1))

/** The streams on which something is said that ends them, with what each is refused with. */
async function ending(
  scene: Scene,
  ...saying: ((peer: HostilePeer) => readonly FromNode[])[]
): Promise<string[]> {
  await using peer = await scene.peer()
  const codes: string[] = []
  for (const say of saying) {
    await peer.meet()
    codes.push(await peer.refused(...say(peer)))
    await peer.over
  }
  return codes
}

/** What is tried on the stream of a node. */
export const triesOfWork: readonly Try[] = [
  {
    name: 'work before a hello, of another mesh, of another node, and two hellos',
    expects: ['node.unknown', 'wire.mesh', 'wire.message', 'wire.message'],
    async run(scene) {
      const { mesh } = scene.said
      await using other = await scene.peer()
      return await ending(
        scene,
        () => [{ type: 'alive' }],
        (peer) => [peer.helloTo(nobody as MeshId, peer.offer(0))],
        (peer) => [peer.helloTo(mesh, other.offer(0))],
        (peer) => [peer.helloTo(mesh, peer.offer(0)), peer.helloTo(mesh, peer.offer(0))],
      )
    },
  },
  {
    name: "receipts signed by another's key, of an altered output, of other fuel, of too much fuel",
    expects: ['signature.false', 'receipt.mismatch', 'receipt.mismatch', 'receipt.mismatch'],
    async run(scene) {
      return await withLeases(scene, 1, async ([one]) => {
        if (one === undefined) return []
        const { peer, leased } = one
        await using other = await scene.peer()
        const manifest = secretManifest(leased)
        const forger = inTheNameOf(peer.id, other.signer)
        const true_ = delivery(leased, manifest, peer.signer)
        const { outcome } = manifest
        const burnt = { ...outcome, fuel: limits.fuelMax }
        return [
          await peer.refused(delivery(leased, manifest, forger)),
          await peer.refused({ ...true_, manifest: secretManifest(leased) }),
          await peer.refused({
            ...true_,
            manifest: { ...manifest, outcome: { ...outcome, fuel: 2_000_000 } },
          }),
          await peer.refused(delivery(leased, { ...manifest, outcome: burnt }, peer.signer)),
        ]
      })
    },
  },
  {
    name: 'results of units that were never leased: leases of its own making',
    expects: ['lease.unknown', 'lease.unknown', 'lease.unknown'],
    async run(scene) {
      return await withLeases(scene, 1, async ([one]) => {
        if (one === undefined) return []
        const { peer, leased } = one
        const { coordinator } = leased.says
        const forged = (changed: Partial<Lease>, inTheName = true): Leased => {
          const says = { ...leased.says, ...changed }
          const signer = inTheName ? inTheNameOf(coordinator, peer.signer) : peer.signer
          return { says, signed: sign(leaseDocument, says, signer) }
        }
        const tampered: Leased = {
          says: { ...leased.says, unit: leased.says.unit + 1 },
          signed: {
            ...leased.signed,
            body: encode(leaseDocument.schema, { ...leased.says, unit: leased.says.unit + 1 }),
          },
        }
        const own = forged({ fence: 9999, coordinator: peer.id as never }, false)
        const codes: string[] = []
        for (const false_ of [forged({ fence: leased.says.fence + 1 }), own, tampered]) {
          codes.push(await peer.refused(delivery(false_, secretManifest(false_), peer.signer)))
        }
        return codes
      })
    },
  },
  {
    name: "another's receipt under one's own lease, another's lease, and both of them",
    expects: ['receipt.mismatch', 'lease.unknown', 'lease.unknown'],
    async run(scene) {
      return await withLeases(scene, 2, async ([ann, bob]) => {
        if (ann === undefined || bob === undefined) return []
        const manifest = secretManifest(ann.leased)
        const stolen = delivery(ann.leased, manifest, ann.peer.signer)
        const own = secretManifest(bob.leased)
        return [
          await bob.peer.refused({ ...stolen, lease: bob.leased.signed }),
          await bob.peer.refused(delivery(ann.leased, own, bob.peer.signer, { node: bob.peer.id })),
          await bob.peer.refused(stolen),
        ]
      })
    },
  },
  {
    name: 'renewing, giving up, showing and asking for what another holds, by guessed fences',
    expects: ['cancel', 'cancel', 'job.unknown', 'still held'],
    async run(scene) {
      return await withLeases(scene, 1, async ([ann]) => {
        if (ann === undefined) return []
        await using bob = await scene.peer()
        await bob.join(scene.said.mesh, 0)
        const held = executionOf(ann.leased)
        const near = Array.from({ length: 64 }, (_, i) => {
          return { ...held, fence: Math.max(1, held.fence - 32 + i) }
        })
        const mine = (message: FromNode) => {
          bob.say(message)
          return bob.next('cancel')
        }
        const codes: string[] = []
        const { executions } = await mine({ type: 'renew', executions: near })
        if (executions.length === near.length) codes.push('cancel')
        bob.say({ type: 'abort', executions: near, why: 'shutdown' })
        const shown = await mine({ type: 'hold', leases: [ann.leased.signed] })
        if (shown.executions.length === 1) codes.push('cancel')
        codes.push(await bob.refused({ type: 'ask', jobs: [nobody as JobId, held.job] }))
        // Whose it is holds it as before: what is renewed is not answered, what is asked for is.
        ann.peer.say({ type: 'renew', executions: [held] }, { type: 'ask', jobs: [held.job] })
        await ann.peer.next('job')
        if (!ann.peer.told.some(({ type }) => type === 'cancel')) codes.push('still held')
        return codes
      })
    },
  },
  {
    name: 'one receipt over and over, on streams before and after, and another in its place',
    expects: ['never refused', 'receipt.conflict', 'node.unknown'],
    async run(scene) {
      return await withLeases(scene, 1, async ([one]) => {
        if (one === undefined) return []
        const { peer, leased } = one
        const manifest = await executed(peer, leased)
        const true_ = delivery(leased, manifest, peer.signer)
        scene.owed.add(peer.id)
        // In one frame: nothing can be decided in between.
        const codes = [await peer.refused(true_, true_, delivery(leased, manifest, peer.signer))]
        await peer.acknowledged()
        for (let i = 0; i < 5; i++) {
          peer.say(true_)
          await peer.heard()
        }
        await peer.meet()
        codes.push(await peer.refused(true_))
        await peer.join(scene.said.mesh, 0)
        peer.say(true_, true_, true_)
        await peer.heard()
        const refused = peer.told.filter((one) => one.type === 'refuse' && one.execution)
        if (refused.length === 1) codes.push('never refused')
        return codes
      })
    },
  },
]
