import { openFork } from '@nexapod/ledger'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  encode,
  type Fork,
  forkSchema,
  open,
  type Question,
  refuse,
  type Signed,
  sign,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Memory } from '../ends/memory.ts'
import { Voter } from '../ends/voter.ts'
import type { Feed } from '../home/feed.ts'
import { machineTime as time } from '../time.ts'
import { Evidence } from './evidence.ts'
import { Forks, type Proven } from './forks.ts'

const folders = new Folders()
afterAll(() => folders.remove())

type Ask = (key: CoordinatorId, question: Question) => Promise<Answer<AnswerMessage>>

const kim = keyNamed('kim').id as CoordinatorId
const lea = keyNamed('lea').id as CoordinatorId

/** Evidence that is gathered over one chain, with others who answer as they are told. */
async function gathering(feed: Feed, ask: Ask = async () => refuse('ledger.unknown')) {
  const log = listLog()
  const forks = await Forks.open(folders.next(), log)
  forks.standOf = () => ({ epoch: 0, writer: kim })
  const published: Fork[] = []
  const gone = new AbortController()
  const found = Promise.withResolvers<Proven>()
  forks.on(found.resolve)
  const evidence = new Evidence(
    {
      own: keyNamed('mia').id as CoordinatorId,
      ...{ forks, time, log },
      others: { keys: [kim, lea], ask: ask as never },
      mesh: {
        publish: async (topic, document) => {
          if (topic === 'fork') published.push(document as Fork)
          return 1
        },
      },
      feedOf: (chain) => (chain === feed.store.tip.chain ? feed : undefined),
    },
    gone.signal,
  )
  const heard = async (document: Signed<Checkpoint>) => {
    await evidence.heard(document, valued(open(checkpointDocument, document)))
  }
  return {
    ...{ evidence, forks, published, heard, found: found.promise },
    async [Symbol.asyncDispose]() {
      gone.abort()
      await evidence.idle()
    },
  }
}

function holds({ fork, says }: Proven, sizes: readonly number[]): void {
  expect(valued(openFork(fork))).toEqual(says)
  const found = [fork.one, fork.other].map((one) => valued(open(checkpointDocument, one)).size)
  expect(found).toEqual(sizes)
  expect(encode(forkSchema, fork).length).toBeLessThan(2048)
}

describe('two histories that were signed', () => {
  test('are proven by who brings credit of the other one, signed by who writes it', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    await using gathered = await gathering(feed)
    const other = right.branch().grow(3, 7).checkpoint()
    const says = valued(open(checkpointDocument, other))
    const own = { ...says, coordinator: lea }
    await gathered.evidence.shown(sign(checkpointDocument, own, keyNamed('lea')))
    expect(gathered.forks.all).toEqual([])
    await gathered.evidence.shown(other)
    expect(gathered.forks.all).toHaveLength(1)
  })

  test('are looked for once at a witness that signs nothing and says later', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.feed(folders.next())
    const asked: string[] = []
    await using gathered = await gathering(feed, async (_, { type }) => {
      asked.push(type)
      if (type === 'stand') return refuse('ledger.forked')
      return refuse(asked.length < 4 ? 'wire.full' : 'ledger.unknown')
    })
    await gathered.evidence.doubted(right.chain, lea)
    expect(asked).toEqual(['stand', 'fork'])
  })

  test('are proven at once where they are of one size, and told to all', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    await using gathered = await gathering(feed)
    await gathered.heard(right.branch().grow(3, 7).checkpoint())
    holds(await gathered.found, [8, 8])
    expect(gathered.published).toHaveLength(1)
    expect(gathered.forks.isFrozen(right.chain, 0)).toBe(true)
    expect(gathered.forks.isFrozen(right.chain, 1)).toBe(false)
  })

  test('are proven at once where the other is smaller than what is here', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(30).feed(folders.next())
    await using gathered = await gathering(feed)
    await gathered.heard(right.branch().grow(3, 7).checkpoint())
    holds(await gathered.found, [8, 35])
  })

  test('are proven by whoever has the larger one', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    const longer = right.branch().grow(20, 7)
    await using whole = await longer.feed(folders.next())
    const asked: CoordinatorId[] = []
    await using gathered = await gathering(feed, async (key, question) => {
      asked.push(key)
      if (question.type !== 'prove' || key !== lea) return refuse('ledger.unknown')
      const { store } = whole
      const entry = valued(await store.entry(question.seq))
      return accept({
        type: 'proof',
        entry,
        path: valued(await store.inclusion(question.seq, question.size)),
      })
    })
    await gathered.heard(longer.checkpoint())
    holds(await gathered.found, [8, 25])
    expect(asked).toContain(kim)
  })

  test('are proven when the chain here has become as long, if nobody has the other', async () => {
    const right = new ScriptedChain().grow(4)
    const here = right.branch().grow(3)
    await using feed = await here.feed(folders.next())
    await using gathered = await gathering(feed)
    await gathered.heard(right.branch().grow(9, 7).checkpoint())
    const size = here.size
    here.grow(12)
    valued(await feed.store.append(here.taken.slice(size)))
    feed.stand({ size: here.size, checkpoint: here.checkpoint(), cosignatures: [] })
    holds(await gathered.found, [14, 20])
  })

  test('are proven whatever another member signs of that chain meanwhile', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    const longer = right.branch().grow(20, 7)
    await using whole = await longer.feed(folders.next())
    await using gathered = await gathering(feed, async (_, question) => {
      if (question.type !== 'prove' || question.size !== longer.size) {
        return refuse('ledger.unknown')
      }
      const { store } = whole
      const path = valued(await store.inclusion(question.seq, question.size))
      return accept({ type: 'proof', entry: valued(await store.entry(question.seq)), path })
    })
    await gathered.heard(longer.checkpoint())
    const says = valued(open(checkpointDocument, longer.checkpoint()))
    for (const epoch of [0, 1]) {
      for (let i = 0; i < 40; i++) {
        const lie = { ...says, epoch, size: 100 + i, coordinator: lea }
        await gathered.heard(sign(checkpointDocument, lie, keyNamed('lea')))
      }
    }
    holds(await gathered.found, [8, 25])
  })

  test('are found by who wrote one of them, once a witness does not sign', async () => {
    const right = new ScriptedChain().grow(4)
    const other = right.branch().grow(3, 7)
    await using feed = await right.branch().grow(9).feed(folders.next())
    await using gathered = await gathering(feed, async (_, question) => {
      if (question.type !== 'stand') return refuse('ledger.unknown')
      return accept({ type: 'stand', checkpoint: other.checkpoint(), cosignatures: [] })
    })
    await gathered.evidence.doubted(right.chain, lea)
    holds(await gathered.found, [8, 14])
  })
})

describe('one history', () => {
  test('is no fork in whatever sizes it is signed, nor when it is signed again', async () => {
    const right = new ScriptedChain().grow(4)
    const early = right.checkpoint()
    const here = right.branch().grow(20)
    await using feed = await here.feed(folders.next())
    await using whole = await here.branch().grow(9).feed(folders.next())
    const longer = here.branch().grow(9)
    await using gathered = await gathering(feed, async (_, question) => {
      if (question.type !== 'prove') return refuse('ledger.unknown')
      const entry = valued(await whole.store.entry(question.seq))
      const path = valued(await whole.store.inclusion(question.seq, question.size))
      return accept({ type: 'proof', entry, path })
    })
    for (const one of [early, here.checkpoint(), here.checkpoint({ time: 7 })]) {
      await gathered.heard(one)
    }
    await gathered.heard(longer.checkpoint())
    const size = here.size
    here.grow(9)
    valued(await feed.store.append(here.taken.slice(size)))
    feed.stand({ size: here.size, checkpoint: here.checkpoint(), cosignatures: [] })
    await gathered.evidence.idle()
    expect(gathered.forks.all).toEqual([])
  })

  test('of another author, chain or epoch says nothing', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    await using gathered = await gathering(feed)
    const other = right.branch().grow(3, 7)
    await gathered.heard(other.checkpoint({ epoch: 1 }))
    await gathered.heard(other.checkpoint({ chain: 'c'.repeat(64) as never }))
    expect(gathered.forks.all).toEqual([])
  })
})

describe('who was away', () => {
  test('is told of a fork by who knows it, and asks until all have answered', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    await using knowing = await gathering(feed)
    await knowing.heard(right.branch().grow(3, 7).checkpoint())
    const { fork } = await knowing.found
    let asked = 0
    await using gathered = await gathering(feed, async (key) => {
      if (key === kim) return refuse('ledger.unknown')
      return ++asked === 1 ? refuse('wire.unreachable') : accept({ type: 'fork', fork })
    })
    await gathered.evidence.inquire(right.chain)
    holds(await gathered.found, [8, 8])
  })

  test('is told by who proposes to end the epoch, while the writer is heard here', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.branch().grow(3).feed(folders.next())
    await using knowing = await gathering(feed)
    await knowing.heard(right.branch().grow(3, 7).checkpoint())
    const { fork } = await knowing.found
    await using gathered = await gathering(feed, async (key, { type }) => {
      if (type === 'fork' && key === lea) return accept({ type, fork })
      return refuse(key === lea ? 'ledger.forked' : 'ledger.unknown')
    })
    const { evidence, forks, found } = gathered
    await using memory = valued(await Memory.open(folders.next()))
    const members = [kim, lea].map((coordinator) => ({ coordinator, addresses: [] }))
    const governance = { members, quorum: 2 }
    const electorateAt = async () => accept(governance)
    const known = { epoch: 0, writer: kim, governance, electorateAt, stood: undefined, cosigned: 0 }
    const voter = new Voter({
      ...{ signer: keyNamed('mia'), memory, known: () => known as never, learn: () => {} },
      ...{ isHeard: () => true, poll: async () => [undefined] },
      ...{ holds: async () => true, reach: async () => true },
      isFrozen: (chain, epoch) => forks.isFrozen(chain, epoch),
      doubted: (chain, by) => evidence.doubted(chain, by),
    })
    const ask = { type: 'promise' as const, chain: right.chain, epoch: 0, ballot: 1 }
    expect(await voter.answer(ask, lea)).toMatchObject({ refusal: { code: 'ledger.heard' } })
    holds(await found, [8, 8])
    expect(valued(await voter.answer(ask, lea))).toMatchObject({ type: 'promised' })
  })

  test('asks nobody twice at a time', async () => {
    const right = new ScriptedChain().grow(4)
    await using feed = await right.feed(folders.next())
    const asked: string[] = []
    await using gathered = await gathering(feed, async (key, { type }) => {
      asked.push(`${type} ${key}`)
      return refuse('ledger.unknown')
    })
    const inquire = () => gathered.evidence.inquire(right.chain)
    await Promise.all([inquire(), inquire()])
    expect(asked).toHaveLength(new Set(asked).size)
    await inquire()
    expect(asked).toHaveLength(2 * new Set(asked).size)
  })

  test('finds a fork that nobody knows of, by what each has seen', async () => {
    const right = new ScriptedChain().grow(4)
    const other = right.branch().grow(3, 7)
    await using feed = await right.branch().grow(9).feed(folders.next())
    await using gathered = await gathering(feed, async (key, { type }) => {
      if (type !== 'stand' || key === kim) return refuse('ledger.unknown')
      return accept({ type, checkpoint: other.checkpoint(), cosignatures: [] })
    })
    await gathered.evidence.inquire(right.chain)
    holds(await gathered.found, [8, 14])
  })
})
