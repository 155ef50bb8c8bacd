/**
 * A process that reads all chains while everything runs, each from one coordinator after the other,
 * and believes none of them: `reader.ts INVITATION`. Told `all`, it reads each once more, from its
 * first entry on.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { Chain, openFork } from '../../ledger/index.ts'
import { Asker, follow, machineClock, openMesh, throwing, waited } from '../../mesh/index.ts'
import {
  type Answer,
  beaconDocument,
  type ChainId,
  checkpointDocument,
  encode,
  forkSchema,
  type Invitation,
  open,
  parseInvitation,
  type Question,
  type Refusal,
  refuse,
  type ToFollower,
} from '../../specs/index.ts'
import type { Happening } from './history.ts'
import { noted } from './noted.ts'
import { Reading } from './reading.ts'

/**
 * What it is told: that there is a chain, that one was forked, that a coordinator has lost what is
 * to come again from the others, or to read all to the end.
 */
export type Told =
  | { readonly do: 'read'; readonly chain: string }
  | { readonly do: 'ask'; readonly forked: string }
  | { readonly do: 'compare'; readonly name: string }
  | { readonly do: 'all' }

/** What it says: that something happened, or that all chains were read. */
export type Said =
  | Happening
  | { readonly type: 'there' }
  | { readonly type: 'all-read' }
  /** A coordinator has all chains as far as the others had them when that was asked. */
  | { readonly type: 'has-all'; readonly name: string }

/** Chains that one coordinator is read from at once: a stranger may have four streams there. */
const lanesMax = 3
/** How long one coordinator is read from: less if many wait, but streams are counted, too. */
const turnMs = { least: 5000, most: 15_000 } as const
/** How long a chain may take at the end, from one coordinator. */
const wholeMs = 90_000

const { mesh: id, members } = invited(process.argv[2] ?? '')
/** When it is over with what is read while everything runs. */
const over = new AbortController()
await using mesh = await openMesh({
  ...{ mesh: id, seed: new Uint8Array(randomBytes(32)), listen: [], known: [], roster: members },
  ...{ openFork, now: Date.now },
})
const sources = members.map(({ coordinator, addresses }, i) => {
  const dial = async <P extends 'call' | 'follow'>(protocol: P, signal: AbortSignal) => {
    return await unlessLate(signal, async () => {
      const reached = await mesh.dial(coordinator, addresses, signal)
      return reached.ok ? await mesh.streams.open(protocol, coordinator, signal) : reached
    })
  }
  const never = new AbortController().signal
  const asker = new Asker({ clock: machineClock, dial: () => dial('call', never) })
  return { name: `c${i}`, asker, dial }
})
type Source = (typeof sources)[number]
const ground = { clock: machineClock, draw: () => randomInt(2 ** 32) }
const known = new Map<ChainId, Reading>()
/** Forked chains of which a coordinator has to show the proof. */
const wanted = new Map<Source, Set<ChainId>>(sources.map((source) => [source, new Set()]))

process.on('message', (told: Told) => {
  if (told.do === 'read') learnt(told.chain as ChainId)
  else if (told.do === 'ask') for (const set of wanted.values()) set.add(told.forked as ChainId)
  else if (told.do === 'compare') throwing(compare(told.name))
  else over.abort()
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
say({ type: 'there' })
await Promise.all([
  ...sources.map(async (source) => {
    while (await waited(machineClock, 1000, over.signal)) await look(source)
  }),
  ...sources.flatMap((source) => Array.from({ length: lanesMax }, () => lane(source))),
])
await readAll()
await once(process, 'disconnect')

/** Asks a coordinator what it writes, and for the proofs that it has to have. */
async function look(source: Source): Promise<void> {
  const { asker, name: from } = source
  const said = await asked(asker, { type: 'beacon' }, 5000)
  const beacon = said.ok ? open(beaconDocument, said.value.beacon) : said
  if (beacon.ok) learnt(beacon.value.chain)
  const chains = wanted.get(source) ?? new Set()
  for (const chain of chains) {
    const shown = await asked(asker, { type: 'fork', chain }, 5000)
    if (!shown.ok) continue
    chains.delete(chain)
    const bytes = encode(forkSchema, shown.value.fork).length
    if (openFork(shown.value.fork).ok) say({ type: 'proven', from, chain, bytes })
  }
}

function learnt(chain: ChainId): void {
  if (!known.has(chain)) known.set(chain, new Reading(chain, say))
}

/** Reads from one coordinator: the chain that waits longest, for a while, and then the next. */
async function lane({ name, dial }: Source): Promise<void> {
  while (!over.signal.aborted) {
    const now = performance.now()
    const free = [...known.values()].filter(({ isBusy, dueAt }) => !isBusy && dueAt <= now)
    const others = free.filter(({ last }) => last !== name)
    const [next] = (others.length > 0 ? others : free).sort((a, b) => a.dueAt - b.dueAt)
    if (next === undefined) {
      await waited(machineClock, 250, over.signal)
      continue
    }
    next.isBusy = true
    next.last = name
    const { size } = next
    const isFew = free.length <= sources.length * lanesMax
    const ms = isFew ? turnMs.most : turnMs.least
    const until = AbortSignal.any([over.signal, AbortSignal.timeout(ms)])
    const take = (messages: readonly ToFollower[]) => next.take(messages, name)
    const ended = await follow(
      next.chain,
      size,
      { ...ground, take, dial: (signal) => dial('follow', signal) },
      until,
    )
    if (ended?.code === 'ledger.unknown') next.forget()
    if (ended !== undefined) await waited(machineClock, 1000, over.signal)
    next.rests(size, performance.now())
  }
}

/** Waits until a coordinator has every chain as far as the others had it to begin with. */
async function compare(name: string): Promise<void> {
  const missing = new Map<ChainId, number>()
  const one = sources.find((source) => source.name === name) as Source
  await Promise.all(
    sources.map(async (source) => {
      if (source === one) return
      for (const chain of known.keys()) {
        const size = await standing(source, chain)
        missing.set(chain, Math.max(size, missing.get(chain) ?? 0))
      }
    }),
  )
  while (missing.size > 0) {
    for (const [chain, size] of missing) {
      if ((await standing(one, chain)) >= size) missing.delete(chain)
    }
    await waited(machineClock, 250, over.signal)
  }
  say({ type: 'has-all', name })
}

/** How far a coordinator serves a chain. */
async function standing({ asker }: Source, chain: ChainId): Promise<number> {
  const said = await asked(asker, { type: 'stand', chain }, 10_000)
  const stand = said.ok ? open(checkpointDocument, said.value.checkpoint) : said
  return stand.ok ? stand.value.size : 0
}

/** Asks all where the chains stand, and reads each from its beginning. */
async function readAll(): Promise<void> {
  for (const chain of known.keys()) {
    let most = 0
    await Promise.all(
      sources.map(async ({ name: from, asker }) => {
        const said = await asked(asker, { type: 'stand', chain }, 30_000)
        const stand = said.ok ? open(checkpointDocument, said.value.checkpoint) : said
        if (!stand.ok) return
        const { epoch, size, head } = stand.value
        most = Math.max(most, size)
        say({ type: 'stands', from, chain, epoch, size, head })
      }),
    )
    // Nobody serves it any more.
    if (most === 0) continue
    for (let turn = 0; turn < 2 * sources.length; turn++) {
      if (await readWhole(chain, sources[turn % sources.length] as Source, most)) break
    }
  }
  say({ type: 'all-read' })
}

/** Reads a chain to a checkpoint of at least that size; by its links alone, whatever it says. */
async function readWhole(chain: ChainId, source: Source, size: number): Promise<boolean> {
  const links = new Chain()
  const entries: Happening[] = []
  const enough = new AbortController()
  const take = async (messages: readonly ToFollower[]): Promise<Refusal | undefined> => {
    for (const message of messages) {
      if (enough.signal.aborted) return undefined
      if (message.type === 'entry') {
        const taken = links.append(message.entry)
        if (!taken.ok) return taken.refusal
        const { epoch, seq, facts } = taken.value.entry
        const hash = links.tip?.head ?? ''
        entries.push({ type: 'entry', chain, epoch, seq, hash, facts: facts.flatMap(noted) })
      } else if (message.type === 'checkpoint' && (links.tip?.size ?? 0) >= size) {
        enough.abort()
      }
    }
    return undefined
  }
  await follow(
    chain,
    0,
    { ...ground, take, dial: (signal) => source.dial('follow', signal) },
    AbortSignal.any([enough.signal, AbortSignal.timeout(wholeMs)]),
  )
  if (!enough.signal.aborted) return false
  for (const entry of entries) say(entry)
  return true
}

function invited(text: string): Invitation {
  const invitation = parseInvitation(text)
  if (!invitation.ok) throw new Error(invitation.refusal.code)
  return invitation.value
}

function say(said: Said): void {
  process.send?.(said)
}

/** What a coordinator answers in its time. */
async function asked<Q extends Question>(asker: Asker, question: Q, ms: number) {
  const signal = AbortSignal.timeout(ms)
  return await unlessLate(signal, async () => await asker.ask(question, signal))
}

/** Who is late, or is not there, has refused like any other. */
async function unlessLate<T>(
  signal: AbortSignal,
  act: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  try {
    return await act()
  } catch (error) {
    if (!signal.aborted) throw error
    return refuse('wire.deadline')
  }
}
