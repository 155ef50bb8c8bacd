import {
  delegationDocument,
  type NodeId,
  type OwnerId,
  revocationDocument,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed, usualRates } from '../../test/cast.ts'
import { Folders, jobOf, targetOf } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { Site } from './test/site.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('an owner sees what its nodes do and did, as long as they are its own', async () => {
  const rates = { ...usualRates, settleMs: 0 }
  await using site = await Site.open(folders, { mesh: { name: 'owned', rates } })
  const target = targetOf(site.coordinator)
  const owner = keyNamed('kim')
  const path = `/api/v1/owners/${owner.id}/nodes`
  expect((await site.get(path)).says).toEqual({ items: [] })
  expect((await site.get(`/api/v1/owners/${owner.id}/said`)).says).toEqual({})
  await using ann = await ScriptedNode.open('ann', target, { units: 2, says: () => 'right' })
  await using bob = await ScriptedNode.open('bob', target, { units: 2, says: () => 'right' })
  const issued = Date.now()
  const both = { owner: owner.id as OwnerId, node: ann.id as NodeId }
  const says = { v: 1, ...both, issued, expires: issued + 3_600_000 } as const
  const delegation = sign(delegationDocument, says, owner, keyNamed('ann'))
  await site.send('/api/v1/delegations', signedSchema(delegationDocument, 2), delegation)
  await ann.hello()
  await bob.hello()
  await site.publish(jobOf(site.coordinator.chain, 1).signed)
  await ann.hears('decided')
  const did = { agreed: 1, wrong: 0, micro: 2000 }
  expect((await site.get(path)).says).toMatchObject({
    items: [
      {
        ...{ id: ann.id, until: issued + 3_600_000, ...did },
        hours: [did],
        now: { id: ann.id, owner: owner.id, leases: 0 },
      },
    ],
  })
  const revoked = { v: 1, ...both, by: 'owner', issued: issued + 1 } as const
  const revocation = sign(revocationDocument, revoked, owner)
  await site.send('/api/v1/revocations', signedSchema(revocationDocument), revocation)
  expect((await site.get(path)).says).toEqual({ items: [] })
})
