import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Changes } from '@nexapod/ledger'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Change,
  type CoordinatorId,
  changeId,
  type Digest,
  dialled,
  ed25519,
  type Invitation,
  leastQuorum,
  meshDocument,
  meshId,
  type Question,
  rosterDocument,
  type Signer,
  sign,
} from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Governing } from './governing.ts'
import { keepLine, lineIn } from './roster-file.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-governing-'))
})
afterAll(() => rm(directory, { recursive: true }))

const keys = [1, 2, 3]
  .map((n) => ed25519.signer(new Uint8Array(32).fill(n)))
  .sort((a, b) => (a.id < b.id ? -1 : 1)) as [Signer, Signer, Signer]
const ids = keys.map(({ id }) => id as CoordinatorId)
const members = ids.map((coordinator, i) => {
  return { coordinator, addresses: [`/ip4/127.0.0.1/tcp/${4001 + i}`] }
})
const rates = {
  ...{ microPerGigafuel: 1, microPerCoreSecond: 1, microPerGpuSecond: 1, bondMicro: 0 },
  ...{ auditPermille: 0, settleMs: 0, apart: 'owners' as const },
}
const founding = sign(
  meshDocument,
  {
    ...{ v: 1, name: 'some', founded: 1, nonce: new Uint8Array(16), bootstrap: [] },
    // A mesh of one is founded without an address: the invitation tells it.
    ...{ members: [{ coordinator: ids[0] as CoordinatorId, addresses: [] }], quorum: 1, rates },
  },
  keys[0],
)
const mesh = meshId(founding)
const invitation: Invitation = { v: 1, mesh, name: 'some', members: members.slice(0, 1) }

/** A roster of the first so many, signed by some, after another. */
function roster(count: number, by: readonly Signer[], last?: Change, revision = 1): Change {
  const value = {
    ...{ v: 1 as const, mesh, revision, issued: 1 },
    prev: last === undefined ? (mesh as Digest) : changeId(last),
    signers: by.map(({ id }) => id as CoordinatorId),
    members: members.slice(0, count),
    quorum: leastQuorum(count),
  }
  return { type: 'roster', roster: sign(rosterDocument, value, ...by) }
}

const first = roster(2, [keys[0]])
const second = roster(3, [keys[0], keys[1]], first, 2)

/** A node that looks once, and what came of it. */
async function looked(
  tells: (question: Question) => AnswerMessage,
  line?: Changes,
): Promise<{ lines: Changes[]; asked: number; timers: number[] }> {
  const [lines, timers]: [Changes[], number[]] = [[], []]
  let asked = 0
  const nature = {
    draw: () => 2 ** 31,
    after(ms: number) {
      timers.push(ms)
      return () => {}
    },
  }
  const ask = async (_: CoordinatorId, question: Question) => {
    asked++
    return accept(tells(question)) as Answer<never>
  }
  const looking = Promise.withResolvers<void>()
  const follower = {
    changed: (line: Changes) => void lines.push(line),
    attend: (work: Promise<void>) => void work.then(looking.resolve, looking.reject),
  }
  const governing = new Governing(
    invitation,
    { asked: { members: { keys: ids.slice(0, 1) }, ask }, nature },
    line,
  )
  governing.begin(follower)
  governing.stranger(follower)
  await looking.promise
  for (let i = 0; i < 100; i++) governing.stranger(follower)
  governing[Symbol.dispose]()
  return { lines, asked, timers }
}

/** Tells a line of changes, as a coordinator does. */
function telling(changes: readonly Change[]) {
  return (question: Question): AnswerMessage => {
    if (question.type === 'founding') return { type: 'founding', founding }
    const after = question.type === 'changes' ? question.after : 0
    const change = changes[after]
    const revision = changes.length
    return { type: 'changes', revision, ...(change === undefined ? {} : { change }) }
  }
}

describe('who governs', () => {
  test('is learnt from whoever tells, kept, and known at the next start', async () => {
    const { lines, timers } = await looked(telling([first, second]))
    expect(lines.map(({ governance }) => governance)).toMatchObject([{ members, quorum: 2 }])
    // A stranger is looked into within seconds, and once.
    expect(timers).toEqual([expect.any(Number), 6000])
    await keepLine(directory, lines[0] as Changes)
    const line = await lineIn(directory, invitation)
    expect(line?.governance.revision).toBe(2)
    const again = await looked(telling([first, second]), line)
    expect(again).toMatchObject({ lines: [], asked: 1 })
  })

  test('is not changed by too few, out of line, or without an end', async () => {
    const few = roster(3, [keys[0]], first, 2)
    const lies: [string, (question: Question) => AnswerMessage, number][] = [
      ['too few', telling([first, few]), 1],
      ['out of line', telling([second]), 0],
      ['the same for ever', (question) => telling([first])({ ...question, after: 0 } as never), 1],
    ]
    for (const [what, lie, revision] of lies) {
      const { lines, asked } = await looked(lie)
      expect(lines.at(-1)?.governance.revision, what).toBe(revision)
      expect(asked, what).toBeLessThan(5)
    }
    const forged = { ...founding, signatures: [new Uint8Array(64)] }
    const { lines } = await looked(() => ({ type: 'founding', founding: forged }))
    expect(lines).toEqual([])
  })

  test('is not read from a file that was changed', async () => {
    const path = join(directory, 'roster.json')
    const kept = JSON.parse(await readFile(path, 'utf8'))
    for (const text of ['', '{', 'null', JSON.stringify({ ...kept, founding: 'ff' })]) {
      await writeFile(path, text)
      expect(await lineIn(directory, invitation)).toBeUndefined()
    }
    await writeFile(path, JSON.stringify({ ...kept, changes: [kept.changes[0], 'ff'] }))
    expect((await lineIn(directory, invitation))?.governance.revision).toBe(1)
  })

  test('is dialled where the invitation says, if the roster has no address', () => {
    const bare = [{ coordinator: ids[0] as CoordinatorId, addresses: [] }]
    expect(dialled(bare, invitation)).toEqual(members.slice(0, 1))
  })
})
