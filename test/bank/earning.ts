import { setTimeout as passed } from 'node:timers/promises'
import { keyNamed } from '../../coordinator/test/cast.ts'
import { jobOf, valued } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode } from '../../coordinator/test/scripted-node.ts'
import { welcomed } from '../../coordinator/test/welcomed.ts'
import {
  delegationDocument,
  limits,
  type NodeId,
  type OwnerId,
  type Signer,
  sign,
} from '../../specs/index.ts'
import type { One } from './three.ts'

/** Units that an owner earns with on each chain. */
const units = 24

/** An owner earns something at a coordinator: a node of theirs works there until all is decided. */
export async function earn(owner: Signer, node: string, { said }: One, number: number) {
  const { mesh, coordinator, addresses, chain } = said
  const target = { mesh, coordinator, addresses }
  await using working = await ScriptedNode.open(node, target, { units, says: () => 'right' })
  const issued = Date.now()
  const whose = { owner: owner.id as OwnerId, node: working.id as NodeId, issued }
  const delegation = { v: 1 as const, ...whose, expires: issued + 3_600_000 }
  const signed = sign(delegationDocument, delegation, owner, keyNamed(node))
  const job = jobOf(chain, number, { units, quorum: 1 })
  const delegates = { type: 'delegate' as const, delegation: signed }
  for (const question of [delegates, { type: 'publish' as const, job: job.signed }]) {
    let answer = await working.ask(question)
    // Nothing is taken before a quorum has said what it has seen.
    while (!answer.ok && answer.refusal.code === 'ledger.unasked') {
      await passed(limits.pauseMs)
      answer = await working.ask(question)
    }
    valued(answer)
  }
  await welcomed(working)
  await working.until(() => working.acknowledged.size >= units)
}
