import { expect, test } from 'vitest'
import { askAtDoor } from '../../node/shell/door.ts'
import {
  ed25519,
  limits,
  type NodeId,
  type Order,
  type OwnerId,
  orderDocument,
  type Signed,
  sign,
} from '../../specs/index.ts'
import { MeshHere, type NodeProcess } from './mesh-here.ts'
import { aloneOnly } from './owner.ts'

const owner = ed25519.signer(new Uint8Array(32).fill(9))

function signed(node: NodeId, order: Order['order']): Signed<Order> {
  const issued = Date.now()
  const ids = { owner: owner.id as OwnerId, node }
  const expires = issued + limits.requestMsMax
  return sign(orderDocument, { v: 1, ...ids, order, issued, expires }, owner)
}

test('an owner pauses and finishes a node from afar, once each, as its limits allow', async () => {
  await using mesh = await MeshHere.open()
  await mesh.claim('ann', owner)
  const lent = { ...aloneOnly, inUse: aloneOnly.idle }
  const say = async (order: Signed<Order>) => {
    const said = await mesh.coordinator.ask({ type: 'order', order }, AbortSignal.timeout(10_000))
    return said.type === 'refuse' ? said.refusal.code : said.type
  }
  const orderAt = async () => {
    const said = await askAtDoor(mesh.directoryOf('ann'), { type: 'status' })
    return said.ok && (said.value as { readonly order: string }).order
  }
  const here = async (node: NodeProcess) => {
    const { node: id } = await node.tells('opening')
    await node.tells('welcomed')
    return id as NodeId
  }
  const ann = await mesh.startLending('ann', { ...lent, owner: { remote: true } })
  const id = await here(ann)
  const pause = signed(id, 'pause')
  expect(await say(pause)).toBe('done')
  expect(await ann.tells('ordered')).toMatchObject({ owner: owner.id, isObeyed: true })
  expect(await orderAt()).toBe('pause')
  await ann.end('SIGKILL')
  const again = await mesh.startLending('ann', { ...lent, owner: { remote: true } })
  await here(again)
  expect(await say(pause)).toBe('done')
  expect(await again.tells('refused')).toMatchObject({ refusal: { code: 'request.replayed' } })
  expect(await orderAt()).toBe('lend')
  expect(await say(signed(id, 'finish'))).toBe('done')
  expect(await again.exit).toBe(0)
  const shy = await mesh.startLending('ann', lent)
  await here(shy)
  expect(await say(signed(id, 'pause'))).toBe('done')
  expect(await shy.tells('ordered')).toMatchObject({ isObeyed: false })
  expect(await orderAt()).toBe('lend')
})
