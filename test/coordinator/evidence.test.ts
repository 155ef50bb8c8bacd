import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { Folders, jobOf, valued } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode } from '../../coordinator/test/scripted-node.ts'
import { welcomed } from '../../coordinator/test/welcomed.ts'
import {
  type Answer,
  accept,
  beaconDocument,
  type ChainId,
  type Checkpoint,
  checkpointDocument,
  type JobId,
  open,
  type Seal,
  sealDocument,
} from '../../specs/index.ts'
import type { CoordinatorProcess } from './process.ts'
import { keyed, Three } from './three.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const right = { units: 8, says: () => 'right' }
const command = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/** Asks until there is an answer that will do; the last one tells why there is none. */
async function eventually<T>(
  what: string,
  ask: () => Promise<Answer<T>>,
  isEnough: (value: T) => boolean = () => true,
  ms = 60_000,
): Promise<T> {
  const until = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (answer.ok && isEnough(answer.value)) return answer.value
    if (Date.now() > until) throw new Error(`${what}: ${JSON.stringify(answer)}`)
    await passed(100)
  }
}

/** A node that asks questions of one coordinator. */
async function asker(name: string, of: CoordinatorProcess): Promise<ScriptedNode> {
  return await ScriptedNode.open(name, of.target, right)
}

/** Where a chain stands, as a coordinator says. */
async function standAt(node: ScriptedNode, chain: ChainId): Promise<Answer<Checkpoint>> {
  const stand = await node.ask({ type: 'stand', chain })
  return stand.ok ? open(checkpointDocument, stand.value.checkpoint) : stand
}

/** Publishes a job on a chain, and waits until what it gave is below a cosigned checkpoint. */
async function decided(
  at: CoordinatorProcess,
  chain: ChainId,
  number: number,
): Promise<{ readonly size: number; readonly job: JobId }> {
  await using ann = await asker(`ann${number}`, at)
  await welcomed(ann, { ...at.target, chain })
  const { id, signed } = jobOf(chain, number, { quorum: 1 })
  valued(await ann.ask({ type: 'publish', job: signed }))
  const { checkpoint } = await ann.hears('decided', (said) => {
    return said.executions.some(({ job }) => job === id)
  })
  return { size: valued(open(checkpointDocument, checkpoint)).size, job: id }
}

/** Whether two coordinators say the same of a chain of this size at least: then its state root. */
async function sameState(
  one: CoordinatorProcess,
  other: CoordinatorProcess,
  chain: ChainId,
  size: number,
): Promise<string> {
  await using bob = await asker('bob', one)
  await using cem = await asker('cem', other)
  for (const until = Date.now() + 60_000; ; await passed(200)) {
    const [a, b] = [await standAt(bob, chain), await standAt(cem, chain)]
    if (a.ok && b.ok && a.value.size >= size && a.value.size === b.value.size) {
      expect(a.value.state).toBe(b.value.state)
      return a.value.state
    }
    if (Date.now() > until) throw new Error(JSON.stringify([a, b]))
  }
}

/** The seal that ended the first epoch of a chain, as somebody knows it. */
async function sealOf(node: ScriptedNode, chain: ChainId): Promise<Seal> {
  const sealed = async () => await node.ask({ type: 'sealed', chain, epoch: 0 })
  const said = await eventually('a seal', sealed, ({ type }) => type === 'sealed')
  if (said.type !== 'sealed') throw new Error('it was sealed')
  return valued(open(sealDocument, said.seal))
}

/** The chain that a coordinator writes once others go on with those. */
async function beganAnew(one: CoordinatorProcess, ...before: ChainId[]): Promise<ChainId> {
  return await eventually(
    'another chain',
    async () => accept(one.chain),
    (chain) => !before.includes(chain),
  )
}

describe('three coordinators', () => {
  test('an old backup signs nothing, is left to the others, and goes on', async () => {
    await using three = await Three.founded(folders)
    const [kim, lea, mia] = await three.beginAll()
    if (kim === undefined || lea === undefined || mia === undefined) throw new Error('three')
    const { chain } = kim
    const { directory } = three.place('kim')
    await decided(kim, chain, 1)
    // However long a busy machine takes to begin it again, the others do not find that it is away.
    const stood = async (act: () => Promise<CoordinatorProcess>) => {
      for (const one of [lea, mia]) one.signal('SIGSTOP')
      const begun = await act()
      for (const one of [lea, mia]) one.signal('SIGCONT')
      return begun
    }
    const backup = folders.next()
    const again = await stood(async () => {
      await kim.end('SIGTERM')
      await cp(directory, backup, { recursive: true })
      return await three.begin('kim')
    })
    const { size } = await decided(again, chain, 2)
    const from = Date.now()
    const old = await stood(async () => {
      await again.end('SIGKILL')
      await rm(directory, { recursive: true })
      await cp(backup, directory, { recursive: true })
      return await three.begin('kim')
    })
    await using dia = await asker('dia', old)
    await eventually(
      'left',
      async () => await dia.ask({ type: 'beacon' }),
      () => {
        return old.logged('left') !== undefined && old.logged('begins anew') !== undefined
      },
    )
    expect(old.logged('nothing is signed')).toMatchObject({ refusal: { code: 'ledger.behind' } })
    const state = await sameState(old, lea, chain, size)
    const ms = Date.now() - from
    // It writes another chain from now on, and what it decides there is cosigned.
    const { beacon } = await eventually('another chain', () => dia.ask({ type: 'beacon' }))
    const fresh = valued(open(beaconDocument, beacon))
    expect(fresh.chain).not.toBe(chain)
    await decided(old, fresh.chain, 3)
    process.stdout.write(
      `old backup: refused, left and followed to ${size} in ${ms} ms, state ${state}\n`,
    )
  })

  test('a disk that is gone is rebuilt from the others by the key alone', async () => {
    await using three = await Three.founded(folders)
    const [kim, lea] = await three.beginAll()
    if (kim === undefined || lea === undefined) throw new Error('three have begun')
    const { chain } = kim
    const { directory } = three.place('kim')
    const { size } = await decided(kim, chain, 1)
    await kim.end('SIGKILL')
    await rm(directory, { recursive: true })
    await mkdir(directory)
    await keyed(directory, 'kim')
    const from = Date.now()
    const again = await three.begin('kim')
    const state = await sameState(again, lea, chain, size)
    process.stdout.write(
      `destroyed disk: ${size} entries in ${Date.now() - from} ms, state ${state}\n`,
    )
    await using dia = await asker('dia', again)
    const { beacon } = await eventually('another chain', () => dia.ask({ type: 'beacon' }))
    const fresh = valued(open(beaconDocument, beacon))
    expect(fresh.chain).not.toBe(chain)
    await decided(again, fresh.chain, 2)
  })

  test('a copied key that signs two histories is proven a fork, and its epoch ended', async () => {
    await using three = await Three.founded(folders)
    const [kim, lea, mia] = await three.beginAll()
    if (kim === undefined || lea === undefined || mia === undefined) throw new Error('three')
    const { chain } = kim
    await decided(kim, chain, 1)
    // What nobody computes before the fork.
    await using fay = await asker('fay', kim)
    const early = jobOf(chain, 4, { quorum: 1 })
    valued(await fay.ask({ type: 'publish', job: early.signed }))
    // One goes on where only lea sees it, and its twin where only mia does.
    await mia.end('SIGTERM')
    await kim.end('SIGTERM')
    const copied = folders.next()
    await cp(three.place('kim').directory, copied, { recursive: true })
    const one = await three.begin('kim')
    const first = await decided(one, chain, 2)
    // There is more of the one history than of the other: who follows from there is told nothing.
    await decided(one, chain, 6)
    await one.end('SIGKILL')
    await lea.end('SIGTERM')
    const there = await three.begin('mia')
    const twin = await three.begin('kim', copied)
    const second = await decided(twin, chain, 3)
    const back = await three.begin('lea')
    const from = Date.now()
    await using bob = await asker('bob', back)
    await using cem = await asker('cem', there)
    for (const node of [bob, cem]) {
      await eventually('a proof', () => node.ask({ type: 'fork', chain }))
    }
    const ms = Date.now() - from
    expect(ms).toBeLessThan(10_000)
    const forks = join(three.place('lea').directory, 'forks')
    const [name = ''] = await readdir(forks)
    const file = join(forks, name)
    const { size: bytes } = await stat(file)
    expect(bytes).toBeLessThan(2048)
    const verified = spawnSync(process.execPath, [command, 'verify', file], { encoding: 'utf8' })
    expect(verified.stdout).toContain(`${kim.target.coordinator} signed two histories`)
    expect(verified.status).toBe(0)
    process.stdout.write(`copied key: proof of ${bytes} bytes on both others after ${ms} ms\n`)
    // One history is left of two, wherever it was, and one of them goes on with it.
    const sealed = await Promise.all([bob, cem].map((node) => sealOf(node, chain)))
    const [seal, same] = sealed
    const { size, head, successor } = seal as Seal
    expect(same).toMatchObject({ size, head, successor })
    const next = back.target.coordinator === successor ? back : there
    const { size: later } = await decided(next, chain, 5)
    const state = await sameState(back, there, chain, later)
    process.stdout.write(
      `copied key: sealed at ${size}, ${later} after ${Date.now() - from} ms: ${state}\n`,
    )
    // What was admitted before is decided, and all that a quorum had cosigned of that history.
    await using gus = await ScriptedNode.open('gus', { ...next.target, chain }, right)
    const accepted = { ok: true, value: { accepted: 1 } }
    const far = (job: JobId) => gus.ask({ type: 'job', job })
    await eventually(
      'decided',
      () => far(early.id),
      (job) => job.accepted === 1,
    )
    const both = await Promise.all([first, second].map(({ job }) => far(job)))
    expect(both.filter(({ ok }) => ok)).toMatchObject([accepted])
    // Each of the two processes has another chain of its own then.
    const afresh = await beganAnew(twin, chain)
    await decided(twin, afresh, 6)
    await twin.end('SIGTERM')
    const last = await three.begin('kim')
    const fresh = await beganAnew(last, chain, afresh)
    await decided(last, fresh, 7)
    await sameState(last, back, chain, later)
  })
})
