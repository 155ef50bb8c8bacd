import { type Cid, cidBytes, limits } from '@nexapod/specs'
import { blockIf, codecOf } from '../block.ts'
import { nodeOf } from '../node.ts'
import { varintBytes, writeVarint } from '../protobuf.ts'

/** The header of a CAR of version 1 with one root, in DAG-CBOR. */
function headerOf(root: Cid): Uint8Array {
  const text = (word: string) => [0x60 + word.length, ...new TextEncoder().encode(word)]
  const link = [0xd8, 42, 0x58, 37, 0, ...bytesOf(root)]
  const header = [0xa2, ...text('roots'), 0x81, ...link, ...text('version'), 1]
  return Uint8Array.of(header.length, ...header)
}

/**
 * A CAR of version 1: the root alone, or all blocks below it, depth first in the order of the
 * links, each once.
 * What is missing ends it in the middle, so that whoever reads it sees that it is not whole.
 */
export async function* carOf(
  root: Cid,
  read: (cid: Cid) => Promise<Uint8Array | undefined>,
  scope: 'all' | 'block',
): AsyncGenerator<Uint8Array> {
  yield headerOf(root)
  const seen = new Set<Cid>()
  const open = [root]
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    if (seen.has(cid)) continue
    seen.add(cid)
    if (seen.size > limits.dagBlocksMax) throw new Error(`more blocks than a CAR may have: ${root}`)
    const bytes = await read(cid)
    if (bytes === undefined) throw new Error(`a block is missing: ${cid}`)
    yield sectionHead(cid, bytes.length)
    yield bytes
    if (scope === 'all' && codecOf(cid) === 'dag-pb') open.push(...linksOf(cid, bytes).toReversed())
  }
}

function sectionHead(cid: Cid, bytes: number): Uint8Array {
  const name = bytesOf(cid)
  const length = name.length + bytes
  const head = new Uint8Array(varintBytes(length) + name.length)
  head.set(name, writeVarint(head, 0, length))
  return head
}

function linksOf(cid: Cid, bytes: Uint8Array): Cid[] {
  const block = blockIf(cid, bytes)
  const node = block && nodeOf(block)
  if (!node?.ok) throw new Error(`not what it was when it was stored: ${cid}`)
  return node.value.links.map((link) => link.cid)
}

function bytesOf(cid: Cid): Uint8Array {
  return cidBytes(cid) as Uint8Array
}
