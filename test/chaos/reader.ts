/**
 * A process that reads all chains while everything runs, each from one coordinator after the other,
 * and believes none of them: `reader.ts INVITATION`. Told `all`, it reads each once more, from its
 * first entry on.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { Chain, Ledger, openCosigned, openFork, stateRoot } from '../../ledger/index.ts'
import { Asker, follow, machineClock, openMesh, throwing, waited } from '../../mesh/index.ts'
import {
  type Answer,
  accept,
  beaconDocument,
  type ChainId,
  type CoordinatorId,
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

/** What it says: that something happened, or that all chains were read. */
export type Said = Happening | { readonly type: 'there' } | { readonly type: 'all-read' }

/** How long one coordinator is read from, before the next is. */
const turnMs = 15_000
/** Times that a chain is told to be broken: then that is known. */
const brokenMax = 5

const { mesh: id, members } = invited(process.argv[2] ?? '')
const gone = new AbortController()
await using mesh = await openMesh({
  ...{ mesh: id, seed: new Uint8Array(randomBytes(32)), listen: [], known: [], roster: members },
  ...{ openFork, now: Date.now },
})
const sources = members.map(({ coordinator, addresses }) => {
  const dial = async <P extends 'call' | 'follow'>(protocol: P, signal: AbortSignal) => {
    return await unlessLate(signal, async () => {
      const reached = await mesh.dial(coordinator, addresses, signal)
      return reached.ok ? await mesh.streams.open(protocol, coordinator, signal) : reached
    })
  }
  const asker = new Asker({ clock: machineClock, dial: () => dial('call', gone.signal) })
  return { coordinator, asker, dial }
})
const proven = new Set<string>()
const known = new Map<ChainId, Promise<void>>()
const brokenTimes = new Map<ChainId, number>()
const named = (key: CoordinatorId) => members.findIndex((one) => one.coordinator === key)

process.on('message', () => throwing(readAll()))
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
say({ type: 'there' })
while (!gone.signal.aborted) {
  await Promise.all(sources.flatMap((source) => [meet(source), learnForks(source)]))
  await waited(machineClock, 1000, gone.signal)
}

/** Asks a coordinator which of the chains were forked. */
async function learnForks({ coordinator, asker }: (typeof sources)[number]): Promise<void> {
  const from = `c${named(coordinator)}`
  for (const chain of known.keys()) {
    if (proven.has(`${from} ${chain}`)) continue
    const said = await asked(asker, { type: 'fork', chain }, 5000)
    if (!said.ok) continue
    proven.add(`${from} ${chain}`)
    const opened = openFork(said.value.fork)
    const bytes = encode(forkSchema, said.value.fork).length
    if (opened.ok) say({ type: 'proven', from, chain, bytes })
  }
}

/** Reads what a coordinator writes from now on, once for each chain. */
async function meet({ asker }: (typeof sources)[number]): Promise<void> {
  const said = await asked(asker, { type: 'beacon' }, 5000)
  const beacon = said.ok ? open(beaconDocument, said.value.beacon) : said
  if (!beacon.ok || known.has(beacon.value.chain)) return
  const { chain, coordinator } = beacon.value
  known.set(chain, Promise.resolve())
  throwing(readOn(chain, named(coordinator)))
}

/** Reads a chain, from each coordinator in turn, as long as it is asked to. */
async function readOn(chain: ChainId, writer: number): Promise<void> {
  let ledger = new Ledger()
  let signed = 0
  for (let turn = writer; !gone.signal.aborted; turn++) {
    const source = sources[turn % sources.length] as (typeof sources)[number]
    const from = `c${named(source.coordinator)}`
    const take = async (messages: readonly ToFollower[]): Promise<Refusal | undefined> => {
      for (const message of messages) {
        const read = took(ledger, message, from)
        if (read.ok) {
          signed = Math.max(signed, read.value)
          continue
        }
        const { refusal } = read
        const seq = sizeOf(ledger.chain)
        // What no quorum had signed may be cut off by a seal, and then it is read from the start.
        const isCut = refusal.code.startsWith('chain.') && seq > signed
        const code = `${refusal.code} ${refusal.detail}`
        if (!isCut) broken({ type: 'broken', from, chain, seq, code })
        ledger = new Ledger()
        signed = 0
        return refusal
      }
      return undefined
    }
    const until = AbortSignal.any([gone.signal, AbortSignal.timeout(turnMs)])
    const ended = await follow(
      chain,
      sizeOf(ledger.chain),
      {
        ...{ clock: machineClock, draw: () => randomInt(2 ** 32), take },
        dial: (signal) => source.dial('follow', signal),
      },
      until,
    )
    if (ended !== undefined) await waited(machineClock, 1000, gone.signal)
  }
}

/** Takes a message of a chain; a checkpoint that a quorum has signed is a read, of that size. */
function took(ledger: Ledger, message: ToFollower, from: string): Answer<number> {
  if (message.type === 'entry') {
    const taken = ledger.take(message.entry)
    return taken.ok ? accept(0) : taken
  }
  if (message.type !== 'checkpoint') return accept(0)
  const checked = ledger.chain.check(message.checkpoint)
  if (!checked.ok) return checked
  const { tip } = ledger.chain
  if (tip === undefined) throw new Error('a checkpoint was checked against nothing')
  if (checked.value.state !== stateRoot(ledger.state)) {
    return refuse('chain.checkpoint', { detail: 'another state' })
  }
  if (!openCosigned(tip.governance, message.checkpoint, message.cosignatures).ok) return accept(0)
  const { chain, epoch, size, head } = checked.value
  let sum = 0
  for (const [, { micro }] of ledger.state.balances.entries()) sum += micro
  say({ type: 'read', from, chain, epoch, size, head, sum })
  return accept(size)
}

function broken(happening: Happening & { readonly type: 'broken' }): void {
  const { chain } = happening
  const times = (brokenTimes.get(chain as ChainId) ?? 0) + 1
  brokenTimes.set(chain as ChainId, times)
  if (times <= brokenMax) say(happening)
}

/** Asks all where the chains stand, and reads each from its beginning. */
async function readAll(): Promise<void> {
  for (const chain of known.keys()) {
    let most = 0
    for (const { coordinator, asker } of sources) {
      const said = await asked(asker, { type: 'stand', chain }, 20_000)
      const stand = said.ok ? open(checkpointDocument, said.value.checkpoint) : said
      if (!stand.ok) continue
      const { epoch, size, head } = stand.value
      most = Math.max(most, size)
      say({ type: 'stands', from: `c${named(coordinator)}`, chain, epoch, size, head })
    }
    // Nobody serves it any more.
    if (most === 0) continue
    for (let turn = 0; turn < 2 * sources.length; turn++) {
      if (await readWhole(chain, turn % sources.length, most)) break
    }
  }
  say({ type: 'all-read' })
}

/** Reads a chain to a checkpoint of at least that size; by its links alone, whatever it says. */
async function readWhole(chain: ChainId, from: number, size: number): Promise<boolean> {
  const source = sources[from] as (typeof sources)[number]
  const links = new Chain()
  const entries: Happening[] = []
  const over = new AbortController()
  const take = async (messages: readonly ToFollower[]): Promise<Refusal | undefined> => {
    for (const message of messages) {
      if (over.signal.aborted) return undefined
      if (message.type === 'entry') {
        const taken = links.append(message.entry)
        if (!taken.ok) return taken.refusal
        const { epoch, seq, facts } = taken.value.entry
        const hash = links.tip?.head ?? ''
        entries.push({ type: 'entry', chain, epoch, seq, hash, facts: facts.flatMap(noted) })
      } else if (message.type === 'checkpoint' && sizeOf(links) >= size) {
        over.abort()
      }
    }
    return undefined
  }
  await follow(
    chain,
    0,
    {
      ...{ clock: machineClock, draw: () => randomInt(2 ** 32), take },
      dial: (signal) => source.dial('follow', signal),
    },
    AbortSignal.any([over.signal, AbortSignal.timeout(20_000)]),
  )
  if (!over.signal.aborted) return false
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

function sizeOf({ tip }: Chain): number {
  return tip?.size ?? 0
}
