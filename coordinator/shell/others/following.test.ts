import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openFork } from '@nexapod/ledger'
import type { Channel, Hearer } from '@nexapod/mesh'
import {
  accept,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  cosignatureDocument,
  encode,
  type FromFollower,
  forkSchema,
  open,
  type Refusal,
  refuse,
  type ToFollower,
  toHex,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, seedNamed } from '../../test/cast.ts'
import { ScriptedAuthor } from '../../test/scripted-author.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { coordinatorIn, Folders, listLog, targetOf, valued } from '../../test/scripted-mesh.ts'
import { machineTime as time } from '../time.ts'
import { Copy } from './copy.ts'
import { Following, type FollowingGround } from './following.ts'
import { learnerThreads } from './learner-threads.ts'

const folders = new Folders()
const threads = learnerThreads()
afterAll(async () => {
  await threads[Symbol.asyncDispose]()
  await folders.remove()
})

/** A directory with the key of somebody. */
async function keyed(name: string): Promise<string> {
  const directory = folders.next()
  await mkdir(directory)
  await writeFile(join(directory, 'key'), `${toHex(seedNamed(name))}\n`, { mode: 0o600 })
  return directory
}

describe('a coordinator that follows another', () => {
  test('throws away what that one did not sign, and goes on by itself', async () => {
    const right = new ScriptedChain().grow(10)
    const whole = right.branch().grow(10)
    const wrong = right.branch().grow(10, 7)
    await using lea = await coordinatorIn(await keyed('lea'), {
      mesh: right.founded,
      log: listLog(),
    })
    await using kim = await ScriptedAuthor.open(right, targetOf(lea), (stream, from) => {
      if (stream > 0) return whole.messages(from)
      return [
        ...right.messages(),
        ...wrong.messages(11).slice(0, -1),
        whole.messages().at(-1),
      ] as never
    })
    const { cosignature } = valued(await cosignedAtLast(kim, whole)) as never
    expect(valued(open(cosignatureDocument, cosignature)).size).toBe(21)
    expect(kim.streams).toBeGreaterThan(1)
  })

  test('freezes it when it signs two histories: for good, and for whoever asks', async () => {
    const right = new ScriptedChain().grow(10)
    const other = right.branch().grow(2, 7)
    right.grow(5)
    const directory = await keyed('lea')
    let proof: Uint8Array | undefined
    {
      await using lea = await coordinatorIn(directory, { mesh: right.founded })
      await using kim = await ScriptedAuthor.open(right, targetOf(lea), (_, from) => {
        return from <= right.size ? right.messages(from) : []
      })
      valued(await cosignedAtLast(kim, right))
      const answer = await kim.cosigned(other.checkpoint())
      const { fork } = valued(await kim.ask({ type: 'fork', chain: right.chain }))
      expect(valued(openFork(fork)).coordinator).toBe(keyNamed('kim').id)
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'ledger.forked' } })
      proof = encode(forkSchema, fork)
    }
    await using lea = await coordinatorIn(directory, { mesh: right.founded })
    await using kim = await ScriptedAuthor.open(right, targetOf(lea), () => [])
    const { fork } = valued(await kim.ask({ type: 'fork', chain: right.chain }))
    expect(toHex(encode(forkSchema, fork))).toBe(proof && toHex(proof))
    const frozen = { ok: false, refusal: { code: 'ledger.forked' } }
    expect(await kim.cosigned(right.checkpoint())).toMatchObject(frozen)
    expect(await kim.ask({ type: 'stand', chain: right.chain })).toMatchObject(frozen)
  })
})

test('who is refused because of a fork does not wait for a member that is away', async () => {
  const gone = new AbortController()
  const again = Promise.withResolvers<void>()
  const kim = keyNamed('kim').id as CoordinatorId
  const asked: CoordinatorId[] = []
  const copy = { chain: 'c'.repeat(64) as ChainId, size: 0, trueSize: 0, tip: undefined }
  let streams = 0
  const following = new Following(
    copy as unknown as Copy,
    kim,
    {
      others: {
        keys: [kim],
        open: async () => {
          if (++streams > 1) again.resolve()
          return refuse('ledger.forked')
        },
      },
      evidence: {
        heard: async () => {},
        inquire: () => new Promise(() => {}),
        doubted: async (_, member) => {
          asked.push(member)
        },
      },
      ...{ time, log: listLog(), heard: () => {} },
    },
    gone.signal,
  )
  await again.promise
  // Who has refused has the proof.
  expect(asked[0]).toBe(kim)
  gone.abort()
  await following.ended
})

/** A stream on which one who follows from an entry on hears all of these at once. */
function streamOf(from: (seq: number) => readonly ToFollower[]) {
  let hearer: Hearer<ToFollower> | undefined
  const stream = {
    listen(one: Hearer<ToFollower>) {
      hearer = one
    },
    say([message]: readonly FromFollower[]) {
      if (message?.type === 'follow') setImmediate(() => hearer?.heard(from(message.from)))
      return accept(true)
    },
    refuse: (refusal: Refusal) => hearer?.closed(refusal),
    ...{ pause() {}, resume() {}, close() {} },
  }
  return accept(stream as unknown as Channel<FromFollower, ToFollower>)
}

/** What follows a chain from members who all serve it alike, until its signal; and how often. */
function around(serve: (seq: number) => readonly ToFollower[]) {
  const none = async () => {}
  const log = listLog()
  const keys = ['lea', 'mia'].map((name) => keyNamed(name).id as CoordinatorId)
  const tries = { count: 0, enough: Promise.withResolvers<void>() }
  const others = {
    keys,
    open: async () => {
      if (++tries.count > 3) tries.enough.resolve()
      return streamOf(serve)
    },
  } as unknown as FollowingGround['others']
  const evidence = { heard: none, inquire: none, doubted: none }
  return { ground: { others, evidence, time, log, heard: () => {} }, log, keys, tries }
}

/** Where a chain is copied to. */
function placeFor({ chain, mesh }: ScriptedChain) {
  const heard = {
    ...{ amended: () => {}, banned: () => {}, sealed: () => {} },
    ...{ admitted: () => {}, ended: () => {} },
  }
  return { directory: folders.next(), threads, chain, mesh, isFrozen: () => false, ...heard }
}

test('what its writer adds behind a seal is not taken, whoever asks to follow it', async () => {
  const right = new ScriptedChain().grow(10)
  const { size, head } = valued(open(checkpointDocument, right.checkpoint()))
  const sealed = right.branch()
  right.grow(3)
  await using copy = valued(await Copy.open(placeFor(right)))
  expect(await copy.take(sealed.messages().slice(0, 5))).toBeUndefined()
  const { ground, log, keys, tries } = around((seq) => right.messages(seq))
  const gone = new AbortController()
  const following = new Following(copy, keys[0], ground, gone.signal)
  following.seal({ epoch: 0, size, head, successor: keys[1] as CoordinatorId })
  expect([following.hasEnded(0), following.hasEnded(1)]).toEqual([true, false])
  await tries.enough.promise
  gone.abort()
  await following.ended
  expect(copy.size).toBe(size)
  const facts = expect.objectContaining({ refusal: { code: 'ledger.sealed' } })
  expect(log.lines).toContainEqual({ what: 'not followed', facts })
})

test.each([
  ['is longer', 8, true],
  ['is longer, from one who shows no checkpoint', 8, false],
  ['is as long', 5, true],
  ['is as long, from one who shows no checkpoint', 5, false],
])(
  'a copy of another history comes to the one that a seal counts, if it %s',
  async (_, more, isShown) => {
    const right = new ScriptedChain().grow(10)
    const wrong = right.branch().grow(more, 7)
    right.grow(5)
    const { size, head } = valued(open(checkpointDocument, right.checkpoint()))
    await using copy = valued(await Copy.open(placeFor(right)))
    expect(await copy.take(wrong.messages())).toBeUndefined()
    const { ground, keys, tries } = around((seq) => {
      const entries = right.messages(seq).filter(({ type }) => type === 'entry')
      return isShown ? [...right.messages(size), ...entries] : entries
    })
    const gone = new AbortController()
    const following = new Following(copy, keys[0], ground, gone.signal)
    following.seal({ epoch: 0, size, head, successor: keys[1] as CoordinatorId })
    while (!(await copy.feed.has({ size, head })) && tries.count < 20) {
      await copy.feed.news(AbortSignal.timeout(100))
    }
    gone.abort()
    await following.ended
    expect(await copy.feed.has({ size, head })).toBe(true)
    expect(copy.size).toBe(size)
  },
)

test('what a seal counts stays, though no checkpoint of it is known', async () => {
  const right = new ScriptedChain().grow(10)
  const { size, head } = valued(open(checkpointDocument, right.checkpoint()))
  right.grow(10)
  const place = placeFor(right)
  {
    await using copy = valued(await Copy.open(place))
    expect(await copy.take(right.messages())).toBeUndefined()
  }
  // Begun again, it knows of the last checkpoint alone, which the seal cuts off.
  await using copy = valued(await Copy.open(place))
  const gone = new AbortController()
  const again = Promise.withResolvers<void>()
  const kim = keyNamed('kim').id as CoordinatorId
  let streams = 0
  const none = async () => {}
  const ground: FollowingGround = {
    others: {
      keys: [kim],
      open: async () => {
        if (++streams > 3) again.resolve()
        return refuse('ledger.unknown')
      },
    },
    evidence: { heard: none, inquire: none, doubted: none },
    ...{ time, log: listLog(), heard: () => {} },
  }
  const following = new Following(copy, kim, ground, gone.signal)
  following.seal({ epoch: 0, size, head, successor: kim })
  await again.promise
  gone.abort()
  await following.ended
  expect(copy.size).toBe(size)
})

/** Asks to cosign until it is done: the entries have to come first. */
async function cosignedAtLast(kim: ScriptedAuthor, chain: ScriptedChain) {
  for (let tries = 0; ; tries++) {
    const answer = await kim.cosigned(chain.checkpoint())
    if (answer.ok || tries === 3) return answer
  }
}
