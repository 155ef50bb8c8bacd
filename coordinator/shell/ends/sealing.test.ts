import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { boundOf } from '../../core/sealing.ts'
import { SealingWorld } from '../../test/sealing-world.ts'
import { drawsFrom } from '../../test/seeded.ts'

const worlds = 30
const seed = randomInt(2 ** 31)

/** Everything that can happen happens, for a while: in each world some of it more often. */
async function troubled(world: SealingWorld): Promise<void> {
  const { draw, members } = world
  world.loss = [0, 10, 40][draw(3)] ?? 0
  const one = () => members[draw(members.length)] as (typeof members)[number]
  const acts = [
    () => world.write(),
    () => {
      world.writerIsUp = !world.writerIsUp
    },
    () => one().crash(),
    () => members.filter(({ isUp }) => !isUp)[0]?.restart(),
    () => {
      one().isApart = draw(2) === 0
    },
    () => {
      const member = one()
      if (member.isUp && !member.hears) void world.propose(member)
    },
  ]
  const weights = acts.map(() => draw(8))
  const sum = weights.reduce((a, b) => a + b, 0)
  for (let steps = 0; steps < 400; steps++) {
    let at = draw(sum + 60)
    const act = acts.find((_, i) => {
      at -= weights[i] ?? 0
      return at < 0
    })
    if (act === undefined) await world.next()
    else act()
    checked(world)
  }
}

/** What must be true at every moment. */
function checked({ seals, cosigned, governance }: SealingWorld): void {
  const [first] = seals
  for (const { size, head, successor, signers } of seals) {
    expect({ size, head, successor }, `seed ${seed}`).toEqual({
      size: first?.size,
      head: first?.head,
      successor: first?.successor,
    })
    expect(signers.length).toBeGreaterThanOrEqual(governance.quorum)
    expect(size, `seed ${seed}`).toBeGreaterThanOrEqual(cosigned)
  }
}

/** Nothing is lost any more, and all who are up do what they do in the end. */
async function quiet(world: SealingWorld): Promise<void> {
  world.loss = 0
  await world.rest()
}

describe.each([3, 4, 5, 7])('a roster of %d', (count) => {
  test('ends an epoch once, whatever fails, and does end it when a quorum is left', async () => {
    const draw = drawsFrom(seed + count)
    let sealed = 0
    for (let i = 0; i < worlds; i++) {
      const world = new SealingWorld(count, draw)
      for (let j = 0; j < 3; j++) world.write()
      await world.rest()
      await troubled(world)
      world.writerIsUp = false
      // As many are gone as may be.
      const { members, governance } = world
      const left = [...members].sort(() => draw(2) - 0.5).slice(0, governance.quorum)
      for (const member of members) member.crash()
      for (const member of left) member.restart()
      await quiet(world)
      const before = world.seals.length
      if (members.every(({ disk }) => disk.stood === undefined)) continue
      for (let tries = 0; world.seals.length === before; tries++) {
        expect(tries, `seed ${seed}, roster ${count}, world ${i}`).toBeLessThan(20)
        const proposing = world.propose(left[draw(left.length)] as (typeof left)[number])
        await world.rest()
        await proposing
      }
      checked(world)
      sealed++
    }
    expect(sealed).toBeGreaterThan(worlds / 2)
  })

  test('lets a writer that is back go on, or ends its epoch: it is never stuck', async () => {
    const draw = drawsFrom(seed + count + 1000)
    for (let i = 0; i < worlds; i++) {
      const world = new SealingWorld(count, draw)
      world.write()
      await world.rest()
      await troubled(world)
      world.writerIsUp = true
      for (const member of world.members) {
        if (!member.isUp) member.restart()
        member.isApart = false
      }
      await quiet(world)
      const { cosigned, seals } = world
      const before = seals.length
      for (let tries = 0; world.cosigned === cosigned && seals.length === before; tries++) {
        expect(tries, `seed ${seed}, roster ${count}, world ${i}`).toBeLessThan(60)
        world.write()
        await world.rest()
        const bound = world.members.filter(({ disk }) => boundOf(disk.vow?.pledge) !== undefined)
        const member = bound[draw(Math.max(1, bound.length))]
        const proposing = member && world.propose(member)
        await world.rest()
        await proposing
      }
      checked(world)
    }
  })
})

test('an epoch ends once although one that signed its end forgets what it promised', async () => {
  const world = new SealingWorld(7, drawsFrom(seed))
  for (let i = 0; i < 8; i++) world.write()
  await world.rest()
  world.writerIsUp = false
  const [ann, cat, dan] = world.members as [Member, Member, Member]
  const proposed = async (by: Member) => {
    const proposing = world.propose(by)
    await world.rest()
    return await proposing
  }
  dan.crash()
  for (let tries = 0; !(await proposed(ann)); tries++) expect(tries).toBeLessThan(20)
  // Of the five who know of it, one is gone, and one has another disk.
  ann.crash()
  cat.forget()
  dan.restart()
  for (let tries = 0; !(await proposed(dan)); tries++)
    expect(tries, `seed ${seed}`).toBeLessThan(20)
  expect(world.seals).toHaveLength(2)
  checked(world)
})

type Member = SealingWorld['members'][number]
