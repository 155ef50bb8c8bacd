import { isSnapshot } from '../api/snapshot.ts'
import type { Asked, Attested, Proof, Standing, Step, Told } from '../audit/told.ts'
import Checker from '../audit/worker.ts?worker'
import { pulse } from './pulse.svelte.ts'

const folder = new URL('.', location.href.split('#')[0]).href
const snapshot = document.querySelector('meta[name="nexapod-snapshot"]')?.getAttribute('content')

/** The folder that answers come from: that of the wall, or that of the snapshot in it. */
export const base = snapshot ? new URL(snapshot, folder).href : folder

/** Whether all of it is as it was at some time: no coordinator is asked. */
export const isKept = isSnapshot(base)

/** The chain that is read, where the address of the page asked for one when it was opened. */
export const chosen = isKept ? undefined : chainIn(location.hash)

/**
 * The address of the ledger, or of an entry of it, on a chain: the one that is read, if none. It is
 * the same to whoever opens it anew.
 */
export function linkTo(seq?: number, chain?: string): string {
  const path = seq === undefined ? '#/ledger' : `#/ledger/${seq}`
  const isRead = chain === undefined || chain === audit.standing.chain
  const which = isRead ? chosen : chain
  return which === undefined || isKept ? path : `${path}?chain=${which}`
}

/** Whether an address asks for another chain than the one that is read. */
export function isElsewhere(hash: string): boolean {
  const chain = chainIn(hash)
  const { chain: read } = audit.standing
  return !isKept && chain !== undefined && chain !== chosen && read !== undefined && chain !== read
}

function chainIn(hash: string): string | undefined {
  return /[?&]chain=([0-9a-f]{64})(?:&|$)/.exec(hash)?.[1]
}

/** What this browser has verified so far, and whether the line to the coordinator is open. */
export const audit = $state<{ standing: Standing; line: 'begins' | 'open' | 'lost' }>({
  standing: {
    ...{ phase: 'begins', size: 0, target: 0, resumed: 0, signatures: 0, ms: 0, read: 0 },
  },
  line: 'begins',
})

const worker = new Checker()
const proofs = new Map<number, (proof: Proof) => void>()
const certificates = new Map<number, (steps: readonly Step[]) => void>()
const attests = new Map<number, (attested: Attested) => void>()
let asked = 0

worker.onmessage = ({ data }: MessageEvent<Told>) => {
  switch (data.type) {
    case 'standing':
      audit.standing = data.standing
      break
    case 'line':
      audit.line = data.is
      break
    case 'happened':
      pulse.take(data.happenings, data.live)
      break
    case 'proof':
      proofs.get(data.id)?.(data.proof)
      proofs.delete(data.id)
      break
    case 'certified':
      certificates.get(data.id)?.(data.steps)
      certificates.delete(data.id)
      break
    case 'attested':
      attests.get(data.id)?.(data.attested)
      attests.delete(data.id)
      break
  }
}

function send(question: Asked): void {
  worker.postMessage(question)
}

/** Has an entry proven: its path to the checkpoint that was verified here. */
export function prove(seq: number): Promise<Proof> {
  const id = ++asked
  send({ type: 'prove', id, seq })
  return new Promise((resolve) => proofs.set(id, resolve))
}

/** Has a certificate checked with the roster that was read here. */
export function certify(file: Blob): Promise<readonly Step[]> {
  const id = ++asked
  send({ type: 'certify', id, file })
  return new Promise((resolve) => certificates.set(id, resolve))
}

/** Has a certificate made of what an owner has, out of what was verified here. */
export function attest(owner: string): Promise<Attested> {
  const id = ++asked
  send({ type: 'attest', id, owner })
  return new Promise((resolve) => attests.set(id, resolve))
}

/** Forgets what was verified, so that the next visit reads all of it again. */
export function forget(): void {
  send({ type: 'forget' })
}

send({ type: 'begin', base, chain: chosen })
document.addEventListener('visibilitychange', () => {
  send({ type: 'visible', is: document.visibilityState === 'visible' })
})
