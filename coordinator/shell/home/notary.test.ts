import { Ledger } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  open,
  type Question,
  refuse,
  reopen,
  type Signed,
  sign,
} from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { machineTime as time } from '../time.ts'
import type { Feed } from './feed.ts'
import { Notary, type NotaryGround } from './notary.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('what a member signs itself about a chain keeps nobody from signing that', async () => {
  const right = new ScriptedChain().grow(4)
  await using feed = await right.feed(folders.next())
  const liar = keyNamed('lea')
  const says = valued(open(checkpointDocument, right.checkpoint()))
  const lie = { ...says, coordinator: liar.id as CoordinatorId, size: 1000 }
  const gone = new AbortController()
  await using notary = new Notary(
    {
      ...{ feed, signer: right.signer, time, log: listLog() },
      sequence: { hold: async () => undefined, happen: () => {}, state: undefined as never },
      others: { keys: [], ask: async () => undefined as never, seen: async () => [lie] },
      kept: async () => {},
      covered: () => {},
      publish: async () => {},
      isFrozen: () => false,
      doubted: async () => {},
    },
    gone.signal,
  )
  valued(await notary.begin())
  gone.abort()
  const { state } = says
  valued(await feed.store.gate.checkpoint(right.signer, { state, time: noon }))
})

type Ask = (question: Question & { readonly type: 'witness' }) => Promise<Answer<AnswerMessage>>

const nobody = new Promise<never>(() => {})

/** A chain that is signed where it stands, by witnesses who answer as they are told. */
async function signing(witnesses: Record<string, Ask>, quorum = 2) {
  const stack = new AsyncDisposableStack()
  const right = new ScriptedChain()
  const feed = stack.use(await right.feed(folders.next()))
  const ledger = new Ledger(reopen)
  for (const { bytes } of right.taken) valued(ledger.take(bytes))
  const names = new Map(Object.keys(witnesses).map((name) => [keyNamed(name).id, name]))
  const keys = [...names.keys()] as CoordinatorId[]
  const ids = [right.signer.id as CoordinatorId, ...keys].sort()
  const members = ids.map((coordinator) => ({ coordinator, addresses: [] }))
  const governed = () => {
    const { tip } = ledger.chain
    return tip && { ...tip, governance: { ...tip.governance, members, quorum } }
  }
  const sequence = {
    hold: async <T>(act: () => Promise<T>) => await act(),
    happen: () => {},
    get state() {
      return { ledger: { state: ledger.state, chain: { tip: governed() } } }
    },
  }
  const gone = new AbortController()
  const left = new Promise<void>((resolve) =>
    gone.signal.addEventListener('abort', () => resolve()),
  )
  const ask = async (key: CoordinatorId, question: Question & { readonly type: 'witness' }) => {
    const answer = witnesses[names.get(key) as string]?.(question) ?? nobody
    return await Promise.race([answer, left.then(() => refuse('wire.cut'))])
  }
  const hearers = new Set<() => void>()
  let covered = 0
  const ground = {
    ...{ sequence, feed, signer: right.signer, time, log: listLog() },
    others: { keys, ask, seen: async () => [] },
    kept: async () => {},
    covered: (size: number) => {
      covered = Math.max(covered, size)
      for (const hear of hearers) hear()
    },
    publish: async () => {},
    isFrozen: () => false,
    doubted: async () => {},
  }
  const notary = stack.use(new Notary(ground as unknown as NotaryGround, gone.signal))
  stack.defer(() => gone.abort())
  valued(await notary.begin())
  return {
    ...{ feed, covered: () => covered },
    /** Writes an entry and signs there. */
    async grow(): Promise<number> {
      right.grow(1)
      const added = right.taken.slice(-1)
      for (const { bytes } of added) valued(ledger.take(bytes))
      valued(await feed.store.append(added))
      valued(await notary.checkpoint())
      return right.size
    },
    /** Resolves once a quorum has signed so many entries. */
    async covers(size: number): Promise<void> {
      while (covered < size) {
        await new Promise<void>((resolve) => hearers.add(resolve))
        hearers.clear()
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A witness that signs when it is told to. */
class Slow {
  readonly #name: string
  readonly #asked: ((cosignature: Answer<AnswerMessage>) => void)[] = []
  readonly #documents: Signed<Checkpoint>[] = []

  constructor(name: string) {
    this.#name = name
  }

  readonly ask: Ask = ({ checkpoint }) => {
    this.#documents.push(checkpoint)
    return new Promise((resolve) => this.#asked.push(resolve))
  }

  /** Signs what it was asked about first; resolves when that was taken. */
  async signs({ store }: Feed<Store>): Promise<void> {
    const document = this.#documents.shift() as Signed<Checkpoint>
    const { size } = valued(open(checkpointDocument, document))
    const before = valued(await store.gate.cosignatures(size)).length
    this.#asked.shift()?.(signedBy(this.#name, document))
    while (valued(await store.gate.cosignatures(size)).length === before) {
      await new Promise((turn) => setImmediate(turn))
    }
  }
}

function signedBy(name: string, checkpoint: Signed<Checkpoint>): Answer<AnswerMessage> {
  return accept({ type: 'cosignature', cosignature: cosignedBy(name, checkpoint) })
}

function cosignedBy(name: string, checkpoint: Signed<Checkpoint>) {
  const { chain, epoch, size } = valued(open(checkpointDocument, checkpoint))
  const witness = keyNamed(name)
  const id = { checkpoint: checkpointId(checkpoint), witness: witness.id as CoordinatorId }
  return sign(cosignatureDocument, { v: 1, chain, epoch, size, ...id, time: noon }, witness)
}

test('a witness that never answers holds up nothing that a quorum signs without it', async () => {
  const lea: Ask = async ({ checkpoint }) => signedBy('lea', checkpoint)
  await using signed = await signing({ lea, mia: () => nobody })
  const from = Date.now()
  for (let i = 0; i < 10; i++) await signed.covers(await signed.grow())
  expect(Date.now() - from).toBeLessThan(10_000)
})

test('witnesses who are slow sign the same checkpoint, whatever comes meanwhile', async () => {
  const both = [new Slow('lea'), new Slow('mia')] as const
  const [lea, mia] = both
  const asked = { lea: lea.ask, mia: mia.ask, tom: () => nobody }
  await using signed = await signing(asked, 3)
  let size = 0
  for (let i = 0; i < 5; i++) {
    for (const one of both) {
      size = await signed.grow()
      await one.signs(signed.feed)
    }
  }
  expect(signed.covered()).toBeGreaterThan(size / 2)
})
