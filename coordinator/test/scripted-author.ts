import { openFork } from '@nexapod/ledger'
import {
  type AnswerTo,
  Asker,
  type HostedMesh,
  machineClock,
  openMesh,
  type Reading,
  serveFollower,
} from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Checkpoint,
  type CoordinatorId,
  type Question,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'
import { seedNamed } from './cast.ts'
import type { ScriptedChain } from './scripted-chain.ts'
import type { Target } from './scripted-node.ts'

/** What is sent on a stream: the how manyth that was opened, from which entry on. */
export type Sends = (stream: number, from: number) => readonly ToFollower[]

/** Who writes a scripted chain: it sends and signs what a script says, over a real mesh. */
export class ScriptedAuthor implements AsyncDisposable {
  readonly #mesh: HostedMesh
  readonly #asker: Asker
  #streams = 0

  private constructor(mesh: HostedMesh, target: Target) {
    this.#mesh = mesh
    this.#asker = new Asker({
      clock: machineClock,
      dial: () => mesh.streams.open('call', target.coordinator, new AbortController().signal),
    })
  }

  /** Opens it, connected to a coordinator that will follow it. */
  static async open(chain: ScriptedChain, target: Target, sends: Sends): Promise<ScriptedAuthor> {
    const { coordinator, addresses } = target
    const mesh = await openMesh({
      ...{ mesh: chain.mesh, seed: seedNamed('kim'), listen: [], known: addresses },
      ...{ now: Date.now, openFork },
      roster: [{ coordinator: coordinator as CoordinatorId, addresses }],
    })
    const author = new ScriptedAuthor(mesh, target)
    const read = (_: unknown, from: number) => accept(reading(sends(author.#streams++, from)))
    await mesh.streams.serve('follow', (channel) => serveFollower(channel, read, machineClock))
    await mesh.dial(coordinator, addresses, new AbortController().signal)
    return author
  }

  /** Streams that were opened to it. */
  get streams(): number {
    return this.#streams
  }

  ask<Q extends Question>(question: Q): Promise<Answer<AnswerTo<Q>>> {
    return this.#asker.ask(question, new AbortController().signal)
  }

  /** Has a checkpoint cosigned, as if nothing was seen before it. */
  cosigned(checkpoint: Signed<Checkpoint>) {
    return this.ask({ type: 'witness', checkpoint, from: 0, path: [] })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asker[Symbol.asyncDispose]()
    await this.#mesh[Symbol.asyncDispose]()
  }
}

/** All of it as it may be sent, and then nothing more. */
function reading(messages: readonly ToFollower[]): Reading {
  const left = [...messages]
  return {
    async next(entriesMax, signal) {
      const entries = left.findIndex(({ type }) => type !== 'entry')
      const count = left[0]?.type === 'entry' ? Math.min(entries, entriesMax, 50) : 1
      if (left.length > 0 && count > 0) return left.splice(0, count)
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      return []
    },
    [Symbol.dispose]() {},
  }
}
