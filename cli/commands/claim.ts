import { claimNode } from '@nexapod/node/shell'
import { ed25519, fromJson, limits, type NodeId, peerId, type Signer } from '@nexapod/specs'
import { print } from '../desk.ts'
import { troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had, publisherSeed, seedOf } from './joined.ts'
import { directoryOf } from './up.ts'

const dayMs = 86_400_000

/** Makes the node of a directory yours. */
export const claim: Verb = async (given, desk) => {
  const owner = await ownerOf(given)
  if ('trouble' in owner) return owner.trouble
  const directory = directoryOf(given, 'node')
  const issued = Date.now()
  const expires = issued + Math.floor(limits.delegationMsMax / dayMs) * dayMs
  const claimed = await claimNode(directory, owner.value, issued, expires)
  if (!claimed.ok) return troubleOf('The node was not claimed.', claimed.refusal)
  const { node, owner: id } = claimed.value
  const until = new Date(expires).toISOString()
  await print(desk, given.form, { node, owner: id, until }, [
    `${node} is owned by ${id} from its next start on, until ${until.slice(0, 10)}`,
  ])
  return undefined
}

/** Ends that a node is yours. */
export const release: Verb = async (given, desk) => {
  const { words, form } = given
  const node = fromJson(peerId<NodeId>(), words[0])
  if (!node.ok) return troubleOf('That is no node.', node.refusal)
  const opened = await connected(given)
  if ('trouble' in opened) return opened.trouble
  await using connection = opened.value
  const released = await connection.release(node.value, desk.signal)
  if (!released.ok) return troubleOf('The node was not released.', released.refusal)
  await print(desk, form, { released: node.value }, [`${node.value} is its own again`])
  return undefined
}

/** Who claims: you, or whose secret is in a file or on stdin. */
async function ownerOf({ options: { ownerKey } }: Given): Promise<Had<Signer>> {
  if (typeof ownerKey !== 'string') {
    const seed = await publisherSeed()
    if (seed.ok) return { value: ed25519.signer(seed.value) }
    return { trouble: troubleOf('Your key cannot be read.', seed.refusal) }
  }
  const seed = await seedOf(ownerKey)
  return 'trouble' in seed ? seed : { value: ed25519.signer(seed.value) }
}
