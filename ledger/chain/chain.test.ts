import {
  type Answer,
  type Change,
  changeId,
  type Entry,
  type Fact,
  idOf,
  type Roster,
  rosterDocument,
  type Seal,
  type Signer,
  sealDocument,
  sign,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { keyOf, meshOf, signers, Writer } from '../test/chains.ts'
import { Chain } from './chain.ts'

function read(entries: readonly Uint8Array[], chain = new Chain()): Chain {
  for (const bytes of entries) expect(chain.append(bytes)).toMatchObject({ ok: true })
  return chain
}

function codeOf(answer: Answer<unknown>): string {
  return answer.ok ? 'taken' : answer.refusal.code
}

function signedBy(indices: readonly number[]): Signer[] {
  return indices.map((index) => signers[index] as Signer)
}

describe('reading a chain', () => {
  const written = new Writer().fill(40)

  test('takes what follows, and agrees with the checkpoint', () => {
    const chain = read(written.entries)
    expect(chain.stand).toMatchObject({ size: 40, head: written.head, epoch: 0 })
    expect(chain.check(written.checkpoint())).toMatchObject({ ok: true })
  })

  test('goes on from any stand, to the same end', () => {
    const whole = read(written.entries)
    for (const cut of [1, 2, 7, 32, 39]) {
      const stand = read(written.entries.slice(0, cut)).stand
      if (stand === undefined) throw new Error('nothing was read')
      const rest = read(written.entries.slice(cut), new Chain(stand))
      expect(rest.stand).toEqual(whole.stand)
      expect(rest.root()).toBe(whole.root())
    }
  })

  test('an entry that is refused changes nothing', () => {
    const chain = read(written.entries.slice(0, 10))
    const before = chain.stand
    expect(codeOf(chain.append(written.entries[20] as Uint8Array))).toBe('chain.link')
    expect(codeOf(chain.append(Uint8Array.of(1, 2, 3)))).toBe('document.type')
    expect(chain.stand).toEqual(before)
    read(written.entries.slice(10), chain)
  })

  test('cut, swapped, doubled and flipped entries are found where they are', () => {
    const { entries } = written
    const at = (i: number) => entries[i] as Uint8Array
    const flipped = at(12).with(at(12).length - 1, (at(12).at(-1) as number) ^ 1)
    const damaged: [string, Uint8Array[], number][] = [
      ['cut', entries.toSpliced(12, 1), 12],
      ['swapped', entries.toSpliced(12, 2, at(13), at(12)), 12],
      ['doubled', entries.toSpliced(12, 0, at(12)), 13],
      // A flipped byte makes another entry, which the next one does not follow.
      ['flipped', entries.with(12, flipped), 13],
    ]
    for (const [name, bytes, where] of damaged) {
      const chain = new Chain()
      const first = bytes.findIndex((one) => !chain.append(one).ok)
      expect(first, name).toBe(where)
    }
  })

  test('a flip in the last entry is found by the checkpoint', () => {
    const last = written.entries.at(-1) as Uint8Array
    const flipped = last.with(last.length - 1, (last.at(-1) as number) ^ 1)
    const chain = read(written.entries.with(39, flipped))
    expect(codeOf(chain.check(written.checkpoint()))).toBe('chain.checkpoint')
  })

  const wrong: [string, Partial<Entry>][] = [
    ['of another chain', { chain: '0'.repeat(64) as Entry['chain'] }],
    ['with a gap', { seq: 4 }],
    ['after another', { prev: '0'.repeat(64) as Entry['prev'] }],
    ['older than the one before', { time: 1 }],
    ['of the next epoch without a seal', { epoch: 1 }],
  ]
  test.each(wrong)('an entry %s does not follow', (_, change) => {
    const writer = new Writer().fill(3)
    const chain = read(writer.entries)
    const bytes = writer.next([{ type: 'fences', below: 9 }], change)
    expect(codeOf(chain.append(bytes))).toBe('chain.link')
  })
})

describe('the genesis', () => {
  test('comes first, once, and by a coordinator of the mesh', () => {
    const writer = new Writer()
    const { genesis } = writer
    const none = new Chain().append(writer.next([{ type: 'fences', below: 1 }]))
    expect(codeOf(none)).toBe('chain.link')
    expect(codeOf(new Chain().append(writer.next([genesis, genesis])))).toBe('chain.link')
    const chain = read([writer.write()])
    expect(codeOf(chain.append(writer.next([genesis])))).toBe('chain.link')
  })

  test('gives the chain its name', () => {
    const writer = new Writer()
    const renamed: Fact = { ...writer.genesis, nonce: new Uint8Array(16).fill(1) }
    expect(codeOf(new Chain().append(writer.next([renamed])))).toBe('chain.link')
  })

  test('of somebody outside the roster begins a chain that says nothing', () => {
    const writer = new Writer(meshOf(1, 1), 6)
    const chain = read([writer.write()])
    expect(codeOf(chain.append(writer.next([{ type: 'fences', below: 1 }])))).toBe('chain.roster')
    const other = new Writer(meshOf(1, 1), 6)
    const all = other.write({ type: 'fences', below: 1 })
    expect(codeOf(new Chain().append(all))).toBe('chain.roster')
  })
})

describe('a seal', () => {
  function seal(writer: Writer, by: readonly number[], change: Partial<Seal> = {}): Fact {
    const value: Seal = {
      v: 1,
      chain: writer.chain,
      epoch: writer.epoch,
      size: writer.entries.length,
      head: writer.head,
      successor: keyOf(2),
      issued: 1,
      signers: by.map(keyOf),
      ...change,
    }
    return { type: 'seal', seal: sign(sealDocument, value, ...signedBy(by)) }
  }

  test('by a quorum begins the next epoch, which its successor signs', () => {
    const writer = new Writer().fill(5)
    const fact = seal(writer, [1, 2, 3])
    const old = writer.checkpoint()
    writer.epoch = 1
    writer.author = 2
    writer.write(fact)
    const chain = read(writer.entries)
    expect(chain.stand).toMatchObject({ epoch: 1, coordinator: keyOf(2), size: 6 })
    expect(chain.check(writer.checkpoint())).toMatchObject({ ok: true })
    expect(codeOf(chain.check(old))).toBe('chain.checkpoint')
    writer.author = 0
    expect(codeOf(chain.check(writer.checkpoint()))).toBe('chain.checkpoint')
  })

  const refused: [string, readonly number[], Partial<Seal>, string][] = [
    ['by too few', [1, 2], {}, 'chain.roster'],
    ['by a stranger', [1, 2, 6], {}, 'chain.roster'],
    ['for a stranger', [1, 2, 3], { successor: keyOf(6) }, 'chain.roster'],
    ['at another size', [1, 2, 3], { size: 4 }, 'chain.link'],
    ['of another head', [1, 2, 3], { head: '0'.repeat(64) as Seal['head'] }, 'chain.link'],
    ['of another epoch', [1, 2, 3], { epoch: 7 }, 'chain.link'],
  ]
  test.each(refused)('%s seals nothing', (_, by, change, code) => {
    const writer = new Writer().fill(5)
    const chain = read(writer.entries)
    expect(codeOf(chain.append(writer.next([seal(writer, by, change)], { epoch: 1 })))).toBe(code)
  })

  test('does not stand inside an epoch', () => {
    const writer = new Writer().fill(5)
    const chain = read(writer.entries)
    expect(codeOf(chain.append(writer.next([seal(writer, [1, 2, 3])])))).toBe('chain.link')
  })
})

function change(writer: Writer, by: readonly number[], wrong: Partial<Roster> = {}): Fact {
  const roster: Roster = {
    v: 1,
    mesh: writer.meshId,
    revision: 1,
    prev: writer.meshId,
    issued: 1,
    signers: by.map(keyOf),
    members: [0, 1, 2, 3, 4].map((i) => ({ coordinator: keyOf(i), addresses: [] })),
    quorum: 4,
    ...wrong,
  }
  return { type: 'roster', roster: sign(rosterDocument, roster, ...signedBy(by)) }
}

describe('a change of the roster', () => {
  test('by a quorum takes hold with the entry', () => {
    const writer = new Writer()
    const fact = change(writer, [0, 1, 2])
    writer.write(fact)
    const { stand } = read(writer.entries)
    expect(stand?.governance).toMatchObject({ quorum: 4, revision: 1 })
    expect(stand?.governance.members).toHaveLength(5)
    expect(fact.type === 'roster' && idOf(rosterDocument, fact.roster.body)).toBe(
      stand?.governance.prev,
    )
  })

  const refused: [string, readonly number[], Partial<Roster>][] = [
    ['by too few', [0, 1], {}],
    ['by one who is not of it yet', [0, 1, 4], {}],
    ['out of its turn', [0, 1, 2], { revision: 2 }],
    ['after another change', [0, 1, 2], { prev: '0'.repeat(64) as Roster['prev'] }],
    ['of another mesh', [0, 1, 2], { mesh: '0'.repeat(64) as Roster['mesh'] }],
  ]
  test.each(refused)('%s changes nothing', (_, by, wrong) => {
    const writer = new Writer()
    const answer = new Chain().append(writer.next([writer.genesis, change(writer, by, wrong)]))
    expect(codeOf(answer)).toBe('chain.roster')
  })

  test('twice the same is once too often', () => {
    const writer = new Writer()
    const fact = change(writer, [0, 1, 2])
    const chain = read([writer.write(fact)])
    expect(codeOf(chain.append(writer.next([fact])))).toBe('chain.roster')
  })
})

describe('the chain of a later member', () => {
  /** A mesh of one, and the chain of another that its line of changes names at last. */
  function later(): { writer: Writer; line: Fact[] } {
    const writer = new Writer(meshOf(1, 1), 2)
    const line: Fact[] = []
    for (const [members, quorum] of [
      [[0, 1], 2],
      [[0, 1, 2], 2],
    ] as const) {
      const last = line.at(-1)
      const prev = last?.type === 'roster' ? changeId(last) : writer.meshId
      const by = line.length === 0 ? [0] : [0, 1]
      const named = members.map((i) => ({ coordinator: keyOf(i), addresses: [] }))
      line.push(change(writer, by, { revision: line.length + 1, prev, members: named, quorum }))
    }
    return { writer, line }
  }

  test('begins with the changes up to the roster that names it, in one entry or in several', () => {
    for (const cut of [0, 1, 2]) {
      const { writer, line } = later()
      if (cut > 0) writer.write(...line.slice(0, cut))
      else writer.write()
      for (const one of line.slice(cut)) writer.write(one)
      const chain = read([...writer.entries, writer.write({ type: 'fences', below: 1 })])
      expect(chain.stand?.governance).toMatchObject({ revision: 2, quorum: 2 })
    }
  })

  test('has nothing else before, not even in the entry of a change', () => {
    const { writer, line } = later()
    const [first, second] = line as [Fact, Fact]
    const chain = read([writer.write(first)])
    const fences: Fact = { type: 'fences', below: 1 }
    const { stand } = chain
    expect(codeOf(chain.append(writer.next([fences])))).toBe('chain.roster')
    expect(codeOf(chain.append(writer.next([fences, fences])))).toBe('chain.roster')
    expect(chain.stand).toEqual(stand)
    expect(codeOf(chain.append(writer.next([fences, second])))).toBe('taken')
  })

  test('does not leave the roster that it came into, unless it is back in the same entry', () => {
    const { writer, line } = later()
    const chain = read([writer.write(...line)])
    const prev = changeId(line[1] as Change)
    const without = [0, 1].map((i) => ({ coordinator: keyOf(i), addresses: [] }))
    const away = change(writer, [0, 1], { revision: 3, prev, members: without, quorum: 2 })
    expect(codeOf(chain.append(writer.next([away])))).toBe('chain.roster')
    const members = [0, 1, 2].map((i) => ({ coordinator: keyOf(i), addresses: [] }))
    const again = { revision: 4, prev: changeId(away as Change), members, quorum: 3 }
    const back = change(writer, [0, 1], again)
    expect(codeOf(chain.append(writer.next([away, back])))).toBe('taken')
    expect(chain.stand?.governance).toMatchObject({ revision: 4, quorum: 3 })
  })
})
