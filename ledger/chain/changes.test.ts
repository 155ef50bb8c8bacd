import {
  type Change,
  changeId,
  type Digest,
  type Roster,
  rosterDocument,
  type Signer,
  sign,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyOf, meshOf, signers, Writer } from '../test/chains.ts'
import { Changes } from './changes.ts'

function line(): Changes {
  const begun = Changes.begin(meshOf(4, 3))
  if (!begun.ok) throw new Error(begun.refusal.code)
  return begun.value
}

const { meshId } = new Writer(meshOf(4, 3))

/** A roster of the first so many, after another change. */
function roster(members: number, by: readonly number[], last?: Change, revision = 1): Change {
  const value: Roster = {
    ...{ v: 1, mesh: meshId, revision, issued: 1 },
    prev: last === undefined ? (meshId as Digest) : changeId(last),
    signers: by.map(keyOf),
    members: Array.from({ length: members }, (_, i) => ({ coordinator: keyOf(i), addresses: [] })),
    quorum: members,
  }
  const keys = by.map((index) => signers[index] as Signer)
  return { type: 'roster', roster: sign(rosterDocument, value, ...keys) }
}

test('a line of changes is checked from the founding on, and each change is new once', () => {
  const changes = line()
  const first = roster(5, [0, 1, 2])
  const second = roster(6, [0, 1, 2, 3, 4], first, 2)
  expect(changes.take(second)).toMatchObject({ refusal: { code: 'chain.roster' } })
  expect(changes.take(first)).toEqual({ ok: true, value: true })
  expect(changes.take(first)).toEqual({ ok: true, value: false })
  expect(changes.take(second)).toEqual({ ok: true, value: true })
  expect(changes.governance).toMatchObject({ revision: 2, quorum: 6 })
  expect(changes.after(1)).toEqual([second])
  expect(changes.after(0)).toHaveLength(2)
})

test('two changes of one revision show who signed both', () => {
  const changes = line()
  changes.take(roster(5, [0, 1, 2]))
  const other = changes.take(roster(3, [1, 2, 3]))
  const detail = `two changes of revision 1, signed both by ${keyOf(1)}, ${keyOf(2)}`
  expect(other).toMatchObject({ refusal: { code: 'chain.roster', detail } })
  expect(changes.governance.members).toHaveLength(5)
})

test('what a stranger, too few, or nobody signed is refused, and changes nothing', () => {
  const changes = line()
  for (const wrong of [roster(5, [0, 1]), roster(5, [0, 1, 5])]) {
    expect(changes.take(wrong)).toMatchObject({ refusal: { code: 'chain.roster' } })
  }
  const whole = roster(5, [0, 1, 2])
  if (whole.type !== 'roster') throw new Error('a roster')
  const signatures = whole.roster.signatures.map(() => new Uint8Array(64))
  const forged: Change = { type: 'roster', roster: { ...whole.roster, signatures } }
  expect(changes.take(forged)).toMatchObject({ refusal: { code: 'signature.false' } })
  expect(changes.governance.revision).toBe(0)
})
