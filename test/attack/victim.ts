import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerCalls } from '../../mesh/channel/call.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { type Reading, serveFollower } from '../../mesh/channel/follow.ts'
import type { Meter } from '../../mesh/channel/ground.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { Quotas } from '../../mesh/channel/quota.ts'
import { type Side, sides } from '../../mesh/channel/side.ts'
import { meshOfTest, opened } from '../../mesh/test/scene.ts'
import {
  type ChainId,
  digestText,
  ed25519,
  limits,
  protocols,
  type ToFollower,
} from '../../specs/index.ts'
import { hurried } from './hurry.ts'

/** A process that is attacked: it does what a coordinator does, and says how it is. */
const [hurry = '1'] = process.argv.slice(2)
const clock = hurried(Number(hurry))
const codes: Record<string, number> = {}

/** Quotas that also count who was refused, by code. */
class CountingQuotas extends Quotas {
  override enter(opener: Parameters<Quotas['enter']>[0]): ReturnType<Quotas['enter']> {
    const entered = super.enter(opener)
    if (!entered.ok) {
      count(entered.refusal.code)
      return entered
    }
    const meter = entered.value
    const counting: Meter = {
      spend: (bytes, messages) => meter.spend(bytes, messages),
      left: () => meter.left(),
      violated(refusal) {
        count(refusal.code)
        meter.violated(refusal)
      },
    }
    return { ok: true, value: counting }
  }
}

function count(code: string): void {
  codes[code] = (codes[code] ?? 0) + 1
}

const pool = new Pool(limits.channelsBytesMax)
const quotas = new CountingQuotas(limits, clock)
const mesh = await opened()
const { libp2p } = mesh.host

async function serve<Out, In>(
  id: string,
  side: Side<Out, In>,
  use: (channel: Channel<Out, In>) => void,
): Promise<void> {
  await mesh.serve(id, (pipe, caller) => {
    const entered = quotas.enter({ ...caller, protocol: id })
    const ground = entered.ok ? { clock, pool, meter: entered.value } : { clock, pool }
    const channel = new Channel(pipe, side, ground)
    if (entered.ok) use(channel)
    else channel.refuse(entered.refusal)
  })
}

/** What a node signs: one signature covers what it says in one tick. */
const signer = ed25519.signer(new Uint8Array(32))
const said = new Uint8Array(256)
const signature = signer.sign(said)
const chain = digestText<ChainId>(signature.subarray(0, 32))

await serve(protocols.call.id, sides.call.serves, (channel) => {
  answerCalls(channel, async () => ({ type: 'job', chain, units: 1, accepted: 0, dead: 0 }))
})
await serve(protocols.work.id, sides.work.serves, (channel) => {
  channel.listen({
    heard: (messages) => {
      if (!ed25519.verify(signer.id, said, signature)) throw new Error('it was signed')
      channel.say(messages.map(() => ({ type: 'alive' })))
    },
    drained: () => {},
    ended: () => channel.close(),
    closed: () => {},
  })
})
await serve(protocols.follow.id, sides.follow.serves, (channel) => {
  serveFollower(channel, (_, from) => ({ ok: true, value: endless(from) }), clock)
})

/** A chain without an end, of long entries. */
function endless(from: number): Reading {
  let at = from
  return {
    async next(max, signal) {
      if (max === 0 && !signal.aborted) await once(signal, 'abort')
      return Array.from({ length: Math.min(max, 16) }, (): ToFollower => {
        return { type: 'entry', seq: at++, entry: new Uint8Array(limits.entryBytesMax) }
      })
    },
    [Symbol.dispose]() {},
  }
}

/** Where it is, as those who dial it have to know it. */
export interface Station {
  readonly mesh: typeof meshOfTest
  readonly address: string
}

/** How it is: the most memory that it had, what it refused, and what its channels hold. */
export interface Report {
  readonly maxRssBytes: number
  readonly codes: Readonly<Record<string, number>>
  readonly heldBytes: number
  readonly connections: number
  /** The p99 of how late the loop came round since the last report. */
  readonly loopMs: number
}

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.on('message', () => {
  const report: Report = {
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    codes,
    heldBytes: limits.channelsBytesMax - pool.left,
    connections: libp2p.getConnections().length,
    loopMs: delay.percentile(99) / 1e6,
  }
  delay.reset()
  process.send?.(report)
})
const [address = ''] = mesh.addresses()
const station: Station = { mesh: meshOfTest, address }
process.send?.(station)
await once(process, 'disconnect')
await mesh[Symbol.asyncDispose]()
