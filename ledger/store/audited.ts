import { rm } from 'node:fs/promises'
import {
  type Answer,
  accept,
  type Checkpoint,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  decode,
  type Opening,
  open,
  refuse,
  reopen,
  type Signed,
  signedSchema,
} from '@nexapod/specs'
import { stateRoot } from '../fold/learn.ts'
import { Ledger } from '../ledger.ts'
import { anchored } from './anchor.ts'
import { Damage } from './damage.ts'
import { Disk, type Page } from './disk.ts'
import { examine, NodeCheck } from './examine.ts'
import { copyLevel, found, placesOf } from './folder.ts'
import { unreadable } from './probed.ts'
import { getUint } from './row.ts'
import type { Audit, Listening, Task } from './task.ts'
import type { Tip } from './tip.ts'

/** An audit in this process, on a copy: every entry by all rules of the chain and of the fold. */
export async function audited(
  { directory, scratch, signatures }: Task & { readonly task: 'audit' },
  { onProgress, onAudit }: Listening,
): Promise<Answer<Tip>> {
  const { now, level } = placesOf(directory)
  try {
    const there = await found(directory)
    if (!there.ok) return there
    const anchor = await anchored(now)
    await copyLevel(level, scratch)
    await using disk = await Disk.open(scratch, { passing: true })
    const { tip } = await examine(disk, anchor, 1)
    const auditor = new Auditor(disk, tip, await signedHere(disk), signatures ? open : reopen)
    for await (const page of disk.pages(0, tip.size)) {
      const read = await auditor.read(page)
      if (!read.ok) return read
      onProgress?.(page.first + page.entries.length, tip.size)
    }
    onAudit?.(auditor.end())
    return accept(tip)
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    return unreadable(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A checkpoint that was signed here, and who cosigned it. */
interface SignedHere {
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: Signed<Cosignature>[]
}

class Auditor {
  readonly #ledger: Ledger
  readonly #nodes: NodeCheck
  readonly #tip: Tip
  readonly #signed: ReadonlyMap<number, SignedHere>
  #checkpoints = 0
  #cosignatures = 0

  constructor(disk: Disk, tip: Tip, signed: ReadonlyMap<number, SignedHere>, opening: Opening) {
    this.#ledger = new Ledger(opening)
    this.#nodes = new NodeCheck(disk)
    this.#tip = tip
    this.#signed = signed
  }

  async read({ first, entries }: Page): Promise<Answer<undefined>> {
    for (const [i, bytes] of entries.entries()) {
      const at = `entry ${first + i}`
      const taken = this.#ledger.take(bytes)
      if (!taken.ok) {
        const { code, detail } = taken.refusal
        // The links are made of hashes; a fact that breaks a rule was written as it is.
        if (!code.startsWith('chain.link')) return refuse(code, { at, detail: detail ?? '' })
        throw new Damage(at, `${code}: ${detail}`)
      }
      for (const node of taken.value.completed) this.#nodes.expect(node)
      const signed = this.#signed.get(first + i + 1)
      const agrees = signed === undefined ? accept(undefined) : this.#compare(signed)
      if (!agrees.ok) return agrees
    }
    await this.#nodes.flush()
    return accept(undefined)
  }

  end(): Audit {
    const { chain, state } = this.#ledger
    const { size, head, root } = this.#tip
    if (size > 0 && (chain.stand?.head !== head || chain.root() !== root)) {
      throw new Damage('tip', 'the chain has another head or root')
    }
    return {
      state: stateRoot(state),
      checkpoints: this.#checkpoints,
      cosignatures: this.#cosignatures,
      memoryBytes: process.resourceUsage().maxRSS * 1024,
    }
  }

  /** Whether what was signed here is what the entries say. */
  #compare({ checkpoint, cosignatures }: SignedHere): Answer<undefined> {
    const { chain, state } = this.#ledger
    const checked = chain.check(checkpoint)
    const at = `checkpoint ${chain.stand?.size}`
    if (!checked.ok) return refuse(checked.refusal.code, { ...checked.refusal, at })
    if (checked.value.state !== stateRoot(state)) {
      return refuse('chain.checkpoint', { at, detail: 'it was signed over another state' })
    }
    for (const one of cosignatures) {
      const opened = open(cosignatureDocument, one)
      if (!opened.ok) return refuse(opened.refusal.code, { ...opened.refusal, at })
      if (opened.value.checkpoint !== checkpointId(checkpoint)) {
        return refuse('chain.checkpoint', { at, detail: 'a cosignature is of another one' })
      }
    }
    this.#checkpoints++
    this.#cosignatures += cosignatures.length
    return accept(undefined)
  }
}

/** What was signed here, by size. */
async function signedHere(disk: Disk): Promise<Map<number, SignedHere>> {
  const found = new Map<number, SignedHere>()
  for await (const { key, value } of disk.kept('checkpoint')) {
    const signed = decode(signedSchema(checkpointDocument), value)
    if (!signed.ok) throw new Damage(`checkpoint ${getUint(key, 2)}`, signed.refusal.code)
    found.set(getUint(key, 2), { checkpoint: signed.value, cosignatures: [] })
  }
  for await (const { key, value } of disk.kept('cosignature')) {
    const signed = decode(signedSchema(cosignatureDocument), value)
    if (!signed.ok) throw new Damage(`cosignature ${getUint(key, 2)}`, signed.refusal.code)
    found.get(getUint(key, 2))?.cosignatures.push(signed.value)
  }
  return found
}
