import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  accept,
  type CoordinatorId,
  type FromCoordinator,
  type FromNode,
  type Refusal,
  receiptId,
  refuse,
} from '@nexapod/specs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { News } from '../core/effect.ts'
import {
  acknowledgementOf,
  decidedOn,
  jobOn,
  kim,
  leaseOf,
  manifestOf,
  noon,
  setting,
  writers,
} from '../test/cast.ts'
import type { Ear, Execution, Line, Outcome, Rows } from './ground.ts'
import { type Change, Journal } from './journal.ts'
import { Shell } from './shell.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-shell-'))
})
afterEach(() => rm(directory, { recursive: true }))

const roster = {
  members: setting.roster.members.filter((one) => one.coordinator === kim.id),
  quorum: 1,
}
const { signed: job, id } = jobOn(kim.chain, 'a job')

/** The end of a line that a coordinator has. */
class Far implements Line {
  ear: Ear | undefined
  readonly said: FromNode[] = []
  isOver = false
  isFull = false
  readonly #waits: (() => void)[] = []

  listen(ear: Ear): void {
    this.ear = ear
  }

  say(messages: readonly FromNode[]) {
    if (this.isFull) return refuse('wire.full')
    this.said.push(...messages)
    for (const wake of this.#waits.splice(0)) wake()
    return accept(true)
  }

  pause(): void {}
  resume(): void {}
  close(): void {
    this.isOver = true
  }
  refuse(_refusal: Refusal): void {
    this.isOver = true
  }

  hear(...messages: readonly FromCoordinator[]): void {
    this.ear?.heard(messages)
  }

  /** Waits until the node has said something of a type; gives all of that type. */
  async until<T extends FromNode['type']>(type: T): Promise<(FromNode & { type: T })[]> {
    for (;;) {
      const found = this.said.filter((one): one is FromNode & { type: T } => one.type === type)
      if (found.length > 0) return found
      await new Promise<void>((resolve) => this.#waits.push(resolve))
    }
  }
}

/** A node with a real journal, whose coordinator and whose units are the test's. */
class Rig implements AsyncDisposable {
  readonly shell: Shell
  /** With what it ended, if it failed. */
  readonly over: Promise<unknown>
  readonly news: News[] = []
  readonly released: { readonly key: string; readonly decided: boolean }[] = []
  readonly executions: { readonly of: Execution; readonly signal: AbortSignal }[] = []
  readonly result = Promise.withResolvers<Outcome>()
  readonly #journal: Journal
  readonly #dialled: PromiseWithResolvers<Far>[] = [Promise.withResolvers()]

  private constructor(
    journal: Journal,
    rows: Rows,
    kept: Parameters<typeof Journal.prototype.write>[0],
  ) {
    this.#journal = journal
    const named = kept.flatMap(({ name, row }) => (row === undefined ? [] : [{ name, row }]))
    const workshop = {
      fetch: async () => true,
      execute: (of: Execution, signal: AbortSignal) => {
        this.executions.push({ of, signal })
        signal.addEventListener('abort', () => {
          this.result.resolve({ type: 'failed', why: 'executor' })
        })
        return this.result.promise
      },
      freeze: () => {},
      pace: () => {},
      release: async (key: string, decided: boolean) => {
        this.released.push({ key, decided })
      },
    }
    const nature = {
      now: () => performance.now(),
      time: () => noon,
      draw: () => 0,
      salt: () => new Uint8Array(32),
      after(ms: number, run: () => void) {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    }
    const road = {
      dial: async (_to: CoordinatorId) => {
        const far = new Far()
        this.#dialled.at(-1)?.resolve(far)
        this.#dialled.push(Promise.withResolvers())
        return accept(far)
      },
      seek: async () => {},
    }
    const tell = (news: News) => void this.news.push(news)
    this.shell = new Shell({ nature, rows, road, workshop, tell }, { ...setting, roster }, named)
    this.over = this.shell.finished.then(
      () => undefined,
      (cause) => cause,
    )
  }

  static async begun(through: (journal: Journal) => Rows = (journal) => journal): Promise<Rig> {
    const { journal, rows } = await Journal.open(directory)
    return new Rig(journal, through(journal), rows)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shell[Symbol.asyncDispose]()
    await this.#journal[Symbol.asyncDispose]()
  }

  /** The first line of this life, welcomed. */
  async joined(): Promise<Far> {
    const far = await (this.#dialled[0] as PromiseWithResolvers<Far>).promise
    await far.until('hello')
    far.hear({ type: 'welcome', chain: kim.chain, epoch: 0, renewMs: 20_000, time: noon })
    return far
  }

  /** The same, with a lease whose unit is executing. */
  async working(): Promise<Far> {
    const far = await this.joined()
    far.hear(lease.message, { type: 'job', job })
    while (this.executions.length === 0) await new Promise(setImmediate)
    return far
  }
}

const lease = leaseOf(kim, id, 3)

/** Rows that are written when the test says so. */
function held(journal: Journal) {
  let gate = Promise.resolve()
  const writes: (readonly Change[])[] = []
  return {
    writes,
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    async write(changes: readonly Change[]) {
      writes.push(changes)
      await gate
      await journal.write(changes)
    },
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
}

describe('a shell', () => {
  test('says nothing that rests on rows before they are on the disk', async () => {
    let rows: ReturnType<typeof held> | undefined
    await using rig = await Rig.begun((journal) => {
      rows = held(journal)
      return rows
    })
    const far = await rig.working()
    const letGo = rows?.hold()
    rig.result.resolve({ type: 'result', manifest: manifestOf(id, 3) })
    await settled()
    expect(rows?.writes.at(-1)?.map(({ name }) => name.split('/')[0])).toContain('receipt')
    expect(far.said.map(({ type }) => type)).not.toContain('deliver')
    letGo?.()
    expect(await far.until('deliver')).toHaveLength(1)
  })

  test('ends when its disk fails, and has said nothing of what was not kept', async () => {
    let isBroken = false
    await using rig = await Rig.begun((journal) => ({
      async write(changes) {
        if (isBroken) throw new Error('EIO')
        await journal.write(changes)
      },
    }))
    const far = await rig.working()
    isBroken = true
    rig.result.resolve({ type: 'result', manifest: manifestOf(id, 3) })
    expect(await rig.over).toMatchObject({ message: 'EIO' })
    await settled()
    expect(far.said.map(({ type }) => type)).not.toContain('deliver')
  })

  test('shows after a kill what it held, and delivers what was not acknowledged', async () => {
    {
      await using rig = await Rig.begun()
      await rig.working()
    }
    {
      await using rig = await Rig.begun()
      const far = await rig.joined()
      expect((await far.until('hold'))[0]?.leases).toEqual([lease.signed])
      far.hear({ type: 'job', job })
      while (rig.executions.length === 0) await new Promise(setImmediate)
      rig.result.resolve({ type: 'result', manifest: manifestOf(id, 3) })
      await far.until('deliver')
    }
    await using rig = await Rig.begun()
    const far = await rig.joined()
    const [delivery] = await far.until('deliver')
    expect(delivery?.lease).toEqual(lease.signed)
    expect(rig.executions).toEqual([])
  })

  test('keeps outputs until the verdict, and lets them go with the receipt', async () => {
    await using rig = await Rig.begun()
    const far = await rig.working()
    rig.result.resolve({ type: 'result', manifest: manifestOf(id, 3) })
    const [delivery] = await far.until('deliver')
    if (delivery === undefined) throw new Error('nothing was delivered')
    far.hear(acknowledgementOf(kim, [receiptId(delivery.receipt)]))
    await settled()
    expect(rig.released).toEqual([])
    far.hear(decidedOn(kim, [lease.execution], [writers[0] as (typeof writers)[0]]))
    while (rig.released.length === 0) await new Promise(setImmediate)
    expect(rig.released).toEqual([{ key: rig.executions[0]?.of.key, decided: true }])
    expect(rig.news.map(({ type }) => type)).toContain('decided')
  })

  test('ends what was cancelled, and then lets go of it', async () => {
    await using rig = await Rig.begun()
    const far = await rig.working()
    far.hear({ type: 'cancel', executions: [lease.execution] })
    while (rig.released.length === 0) await new Promise(setImmediate)
    expect(rig.executions[0]?.signal.aborted).toBe(true)
    expect(rig.released).toEqual([{ key: rig.executions[0]?.of.key, decided: false }])
  })

  test('finishes when it was told to and all is given back', async () => {
    await using rig = await Rig.begun()
    const far = await rig.working()
    rig.shell.happen({ type: 'order', order: 'stop' })
    expect(await far.until('abort')).toMatchObject([{ why: 'shutdown' }])
    await rig.shell.finished
  })

  test('takes a line that has no room for one that broke, and dials again', async () => {
    await using rig = await Rig.begun()
    const far = await rig.working()
    far.isFull = true
    rig.result.resolve({ type: 'result', manifest: manifestOf(id, 3) })
    while (!far.isOver) await new Promise(setImmediate)
    await settled()
    expect(rig.news.map(({ type }) => type)).toContain('lost')
  })
})
