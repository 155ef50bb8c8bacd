import { limits, type Refusal } from '@nexapod/specs'
import { Channel, type Hearer } from '../channel/channel.ts'
import type { Clock } from '../channel/clock.ts'
import type { Ground } from '../channel/ground.ts'
import { type Faults, memoryPipes } from '../channel/memory-pipe.ts'
import type { Pipe } from '../channel/pipe.ts'
import { Pool } from '../channel/pool.ts'
import { type Side, sides } from '../channel/side.ts'
import { draws, TestClock } from './time.ts'

/** What one end of a channel heard, in the order in which it came. */
export interface Heard<In> extends Hearer<In> {
  readonly messages: In[]
  /** How many messages came together, each time. */
  readonly frames: number[]
  drains: number
  hasEnded: boolean
  /** Whether it is over, and why. */
  over: boolean
  refusal: Refusal | undefined
}

/** A hearer that only remembers; what it is given to do is done for each frame. */
export function hearing<In>(each: (messages: readonly In[]) => void = () => {}): Heard<In> {
  const heard: Heard<In> = {
    messages: [],
    frames: [],
    drains: 0,
    hasEnded: false,
    over: false,
    refusal: undefined,
    heard(messages) {
      heard.messages.push(...messages)
      heard.frames.push(messages.length)
      each(messages)
    },
    drained: () => heard.drains++,
    ended: () => {
      heard.hasEnded = true
    },
    closed(refusal) {
      if (heard.over) throw new Error('closed twice')
      heard.over = true
      heard.refusal = refusal
    },
  }
  return heard
}

/** The two sides of a channel in memory. */
export interface Both<A, B> {
  readonly opener: Channel<A, B>
  readonly server: Channel<B, A>
}

/** What two channels in memory may be told. */
export interface BothOptions {
  readonly clock: Clock
  readonly seed?: number
  readonly faults?: Faults
  readonly pool?: Pool
  readonly meter?: Ground['meter']
}

/** Opens a channel in memory. */
export function both<A, B>(
  side: { readonly opens: Side<A, B>; readonly serves: Side<B, A> },
  options: BothOptions,
): Both<A, B> {
  const [near, far] = pipes(options)
  const { clock, pool = new Pool(limits.channelsBytesMax), meter } = options
  const ground = { clock, pool }
  return {
    opener: new Channel(near, side.opens, ground),
    server: new Channel(far, side.serves, meter === undefined ? ground : { ...ground, meter }),
  }
}

/** The two ends of a pipe in memory. */
function pipes({ clock, seed = 1, faults }: BothOptions): [Pipe, Pipe] {
  return memoryPipes({
    clock,
    draw: draws(seed),
    windowBytes: limits.streamWindowBytes,
    ...(faults === undefined ? {} : { faults }),
  })
}

/** A channel of a coordinator, and bare bytes at the other end. */
export function halfOpened() {
  const clock = new TestClock()
  const [raw, far]: [Pipe, Pipe] = pipes({ clock })
  const ground = { clock, pool: new Pool(limits.channelsBytesMax) }
  return { clock, raw, server: new Channel(far, sides.work.serves, ground) }
}
