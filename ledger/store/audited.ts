import { rm } from 'node:fs/promises'
import { type Answer, accept } from '@nexapod/specs'
import { Chain, type Stand } from '../chain/chain.ts'
import { anchored } from './anchor.ts'
import { Damage } from './damage.ts'
import { Disk } from './disk.ts'
import { examine, NodeCheck } from './examine.ts'
import { copyLevel, found, placesOf } from './folder.ts'
import { unreadable } from './probed.ts'
import type { Listening } from './task.ts'
import type { Tip } from './tip.ts'

/** Between two reports of progress. */
const reportEvery = 4096

/** An audit in this process: reads every entry of a copy by all rules of a chain. */
export async function audited(
  directory: string,
  scratch: string,
  from: Stand | undefined,
  onProgress: Listening['onProgress'],
): Promise<Answer<Tip>> {
  const { now, level } = placesOf(directory)
  try {
    const there = await found(directory)
    if (!there.ok) return there
    const anchor = await anchored(now)
    await copyLevel(level, scratch)
    await using disk = await Disk.open(scratch)
    const { tip } = await examine(disk, anchor, 1)
    const read = await readChain(disk, tip, new Chain(from), onProgress)
    return read.ok ? accept(tip) : read
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    return unreadable(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function readChain(
  disk: Disk,
  tip: Tip,
  chain: Chain,
  onProgress: Listening['onProgress'],
): Promise<Answer<Tip>> {
  const nodes = new NodeCheck(disk)
  let seq = chain.stand?.size ?? 0
  for await (const { bytes } of disk.entries(seq, tip.size)) {
    const taken = chain.append(bytes)
    if (!taken.ok) {
      const { code, detail } = taken.refusal
      throw new Damage(`entry ${seq}`, `${code}: ${detail}`)
    }
    for (const node of taken.value.completed) await nodes.expect(node, node.hash)
    seq++
    if (seq % reportEvery === 0 && chain.stand) {
      await nodes.flush()
      onProgress?.(chain.stand, tip.size)
    }
  }
  await nodes.flush()
  if (tip.size > 0 && (chain.stand?.head !== tip.head || chain.root() !== tip.root)) {
    throw new Damage('tip', 'the chain has another head or root')
  }
  return accept(tip)
}
