import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Electorate, openCosigned } from '@nexapod/ledger'
import {
  type Change,
  type CoordinatorId,
  type FromCoordinator,
  parseInvitation,
  type Question,
  toHex,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, seedNamed } from '../../test/cast.ts'
import { SignedLine } from '../../test/line.ts'
import { freePorts } from '../../test/ports.ts'
import { coordinatorIn, Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { welcomed } from '../../test/welcomed.ts'
import type { Coordinator } from '../coordinator.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const right = { units: 4, says: () => 'right' }

interface Place {
  readonly name: string
  readonly directory: string
  readonly addresses: readonly string[]
}

/** Somebody's key in a folder of its own, and where it will be. */
async function placed(...names: string[]): Promise<Place[]> {
  const ports = await freePorts(names.length)
  return await Promise.all(
    names.map(async (name, i) => {
      const directory = folders.next()
      await mkdir(directory)
      await writeFile(join(directory, 'key'), `${toHex(seedNamed(name))}\n`, { mode: 0o600 })
      return { name, directory, addresses: [`/ip4/127.0.0.1/tcp/${ports[i]}`] }
    }),
  )
}

/** Opens one that joins: it is there when a roster names it. */
function joins({ directory, addresses }: Place, home: Coordinator): Promise<Coordinator> {
  const mesh = valued(parseInvitation(home.invitation()))
  return coordinatorIn(directory, { mesh, listen: addresses })
}

async function asked(coordinator: Coordinator, question: Question) {
  return await coordinator.ask(question, new AbortController().signal)
}

async function amends(coordinator: Coordinator, change: Change): Promise<string> {
  const answer = await asked(coordinator, { type: 'amend', change })
  return answer.type === 'refuse' ? answer.refusal.code : answer.type
}

/** Waits until its own chain has so many changes. */
async function governs(coordinator: Coordinator, revision: number): Promise<Electorate> {
  const until = new AbortController()
  const { size } = valued(await coordinator.view.status())
  let { revision: now, ...governance } = valued(await coordinator.view.governance())
  // It may have been written before anybody looks.
  if (now >= revision) return governance
  for await (const _ of coordinator.view.entries(size, until.signal)) {
    ;({ revision: now, ...governance } = valued(await coordinator.view.governance()))
    if (now >= revision) until.abort()
  }
  return governance
}

/** Has a job done by a node of its own, and gives who signed that. */
async function worked(home: Coordinator, by: string, number: number) {
  await using node = await ScriptedNode.open(by, targetOf(home), right)
  await welcomed(node)
  valued(await node.ask({ type: 'publish', job: jobOf(home.chain, number, { quorum: 1 }).signed }))
  return await node.hears('decided')
}

function isSigned(electorate: Electorate, decided: FromCoordinator & { type: 'decided' }) {
  const { checkpoint, cosignatures } = decided
  return openCosigned(electorate, checkpoint, cosignatures).ok
}

describe('a mesh of one', () => {
  test('becomes three while it runs, and two again', async () => {
    const [kim, lea, mia] = (await placed('kim', 'lea', 'mia')) as [Place, Place, Place]
    await using home = await coordinatorIn(kim.directory, { listen: kim.addresses })
    const line = new SignedLine(home.mesh)
    const roster = (by: string[], of: Place[]) => line.roster(by, of)
    // Ann has a stream to Kim all the time.
    await using ann = await ScriptedNode.open('ann', targetOf(home), right)
    await welcomed(ann)

    const coming = joins(lea, home)
    expect(await amends(home, roster(['kim'], [kim, lea]))).toBe('done')
    await using second = await coming
    const two = valued(await second.view.governance())
    expect(two.members).toHaveLength(2)
    expect(isSigned(two, await worked(second, 'bob', 1))).toBe(true)
    valued(await ann.ask({ type: 'publish', job: jobOf(home.chain, 2, { quorum: 1 }).signed }))
    expect(isSigned(two, await ann.hears('decided'))).toBe(true)

    // The third is told to Lea alone; Kim hears of it on her chain, and Mia asks.
    const third = joins(mia, second)
    const both = roster(['kim', 'lea'], [kim, lea, mia])
    expect(await amends(second, both)).toBe('done')
    expect(await amends(second, both)).toBe('done')
    const three = await governs(home, 2)
    expect(three).toMatchObject({ quorum: 2 })
    {
      await using last = await third
      expect(isSigned(three, await worked(last, 'cid', 3))).toBe(true)
      const told = await asked(last, { type: 'changes', mesh: home.mesh, after: 1 })
      expect(told).toMatchObject({ type: 'changes', revision: 2, change: both })

      // Lea leaves: the others write that, she does not, and takes no more jobs.
      expect(await amends(home, roster(['kim', 'mia'], [kim, mia]))).toBe('done')
      const rest = await governs(last, 3)
      expect(rest.members.map(({ coordinator }) => coordinator)).not.toContain(second.id)
      const { signed } = jobOf(second.chain, 4)
      const out = async () => {
        const answer = await asked(second, { type: 'publish', job: signed })
        return answer.type === 'refuse' ? answer.refusal.code : answer.type
      }
      await expect.poll(out, { interval: 250 }).toBe('wire.closing')
      expect(valued(await second.view.governance()).revision).toBe(2)
      expect(isSigned(rest, await worked(last, 'dan', 5))).toBe(true)
      // What was begun with her goes on with one of the others, although she is there.
      expect(await second.ended).toMatchObject({ code: 'ledger.sealed' })
      // She may hear of it before who goes on has all of it open.
      const next = () => {
        return [home, last].filter(({ homes }) => {
          return homes.some(({ chain, ending }) => chain === second.chain && ending.epoch === 1)
        })
      }
      await expect.poll(next, { interval: 100, timeout: 30_000 }).toHaveLength(1)
    }
    // Whoever begins again knows what it knew.
    await using again = await coordinatorIn(mia.directory, { listen: mia.addresses })
    expect(valued(await again.view.governance()).revision).toBe(3)
    const told = await asked(again, { type: 'changes', mesh: home.mesh, after: 0 })
    expect(told).toMatchObject({ type: 'changes', revision: 3, change: line.changes[0] })
    const founding = await asked(again, { type: 'founding', mesh: home.mesh })
    expect(founding.type).toBe('founding')
    expect(keyNamed('kim').id as CoordinatorId).toBe(home.id)
  })
})
