import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobOf, valued } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode } from '../../coordinator/test/scripted-node.ts'
import { lookHere, openStore, recover } from '../../ledger/store/index.ts'
import { decode, entrySchema, type ReceiptId } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { CoordinatorProcess, canInject } from './process.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nexapod-coordinator-'))
})
afterAll(() => rm(root, { recursive: true }))

const right = { units: 32, says: () => 'right' }

/** Every receipt that is sealed in the chain of a directory, and how many verdicts there are. */
async function chainIn(directory: string) {
  await using store = valued(
    await openStore({ directory: join(directory, 'ledger'), look: lookHere }),
  )
  const sealed = new Map<ReceiptId, number>()
  const verdicts = new Map<string, number>()
  for await (const page of store.pages()) {
    for (const bytes of valued(page)) {
      for (const fact of valued(decode(entrySchema, bytes)).facts) {
        if (fact.type === 'receipt') sealed.set(fact.sealed, (sealed.get(fact.sealed) ?? 0) + 1)
        if (fact.type !== 'verdict') continue
        const key = `${fact.job}/${fact.unit}`
        verdicts.set(key, (verdicts.get(key) ?? 0) + 1)
      }
    }
  }
  const ledger = valued(await recover(store))
  return { sealed, verdicts, ledger, size: store.tip.size }
}

describe('the process of a coordinator', () => {
  test('killed in the middle and begun again, it has lost nothing it acknowledged', async () => {
    const directory = join(root, 'killed')
    const units = 200
    let coordinator = await CoordinatorProcess.begin(directory)
    await using ann = await ScriptedNode.open('ann', coordinator.target, right)
    await using bob = await ScriptedNode.open('bob', coordinator.target, right)
    await ann.hello()
    await bob.hello()
    const { id, signed } = jobOf(coordinator.chain, 1, { units })
    valued(await ann.ask({ type: 'publish', job: signed }))
    let kills = 0
    for (const share of [0.3, 0.6]) {
      await ann.until(() => ann.acknowledged.size > units * share)
      await coordinator.end('SIGKILL')
      kills++
      await Promise.all([ann.over, bob.over])
      coordinator = await CoordinatorProcess.begin(directory)
      const recovered = coordinator.logged('recovered')
      expect(recovered?.recoveryMs).toBeLessThan(5000)
      process.stdout.write(`${JSON.stringify({ kills, ...recovered })}\n`)
      for (const node of [ann, bob]) {
        await node.hello(coordinator.target)
        node.holdAgain()
        node.deliverAgain()
      }
    }
    for (const node of [ann, bob]) await node.until(() => node.kept.size === 0)
    const job = valued(await ann.ask({ type: 'job', job: id }))
    expect(job).toMatchObject({ units, accepted: units, dead: 0 })
    expect(await coordinator.end('SIGTERM')).toBe(0)
    const chain = await chainIn(directory)
    for (const node of [ann, bob]) {
      expect(node.decided.size).toBeGreaterThanOrEqual(units)
      for (const receipt of node.acknowledged) expect(chain.sealed.get(receipt)).toBe(1)
    }
    expect(chain.verdicts.size).toBe(units)
    expect([...chain.verdicts.values()].every((count) => count === 1)).toBe(true)
  })

  test('told to end, it drains: nodes are told, and what is under way is taken', async () => {
    const directory = join(root, 'drained')
    await using coordinator = await CoordinatorProcess.begin(directory)
    await using ann = await ScriptedNode.open('ann', coordinator.target, { units: 2 })
    await ann.hello()
    const { id, signed } = jobOf(coordinator.chain, 1, { quorum: 1 })
    valued(await ann.ask({ type: 'publish', job: signed }))
    const { lease } = await ann.hears('lease')
    const ended = coordinator.end('SIGTERM')
    const { refusal } = await ann.hears('drain')
    expect(refusal.code).toBe('wire.closing')
    const again = await ann.ask({ type: 'publish', job: jobOf(coordinator.chain, 2).signed })
    expect(again).toMatchObject({ ok: false, refusal: { code: 'wire.closing' } })
    ann.say(...ann.deliveries([lease], 'right'))
    await ann.hears('acknowledge')
    expect(await ended).toBe(0)
    await ann.over
    const { ledger, size } = await chainIn(directory)
    expect(ledger.state.jobs.get(id)).toMatchObject({ accepted: 1, undecided: 0 })
    expect(coordinator.logged('closed')?.entries).toBe(size)
  })

  test('told to end while nobody delivers, it waits as long as it was told', async () => {
    await using coordinator = await CoordinatorProcess.begin(join(root, 'waited'), {
      args: ['--drain-ms', '300'],
    })
    await using ann = await ScriptedNode.open('ann', coordinator.target, { units: 1 })
    await ann.hello()
    const { signed } = jobOf(coordinator.chain, 1)
    valued(await ann.ask({ type: 'publish', job: signed }))
    await ann.hears('lease')
    expect(await coordinator.end('SIGINT')).toBe(0)
  })

  test.skipIf(missing('strace', canInject))(
    'whose disk fails ends, and has said nothing that is not on it',
    async () => {
      for (const sync of [18, 26, 40]) {
        const directory = join(root, `failed-${sync}`)
        await using coordinator = await CoordinatorProcess.begin(directory, {
          inject: `fdatasync:error=EIO:when=${sync}+`,
        })
        await using ann = await ScriptedNode.open('ann', coordinator.target, right)
        await ann.hello()
        const { signed } = jobOf(coordinator.chain, 1, { units: 1000, quorum: 1 })
        await ann.ask({ type: 'publish', job: signed })
        expect(await coordinator.ended()).toBe(1)
        // It is the ledger's write that fails, or one of data, whichever is next.
        const why = ['the disk has failed', 'the process has failed'].map((what) =>
          coordinator.logged(what),
        )
        expect(JSON.stringify(why)).toMatch(/ledger\.stopped|EIO/)
        await ann.over
        const { sealed, size } = await chainIn(directory)
        for (const receipt of ann.acknowledged) expect(sealed.has(receipt)).toBe(true)
        expect(size).toBeGreaterThan(0)
      }
    },
  )
})
