import { accept, type JobId, limits } from '@nexapod/specs'
import { expect, test } from 'vitest'
import type { UnitWaits } from '../../core/why.ts'
import type { JobView } from './view.ts'
import { Whys } from './why.ts'

const job = 'a'.repeat(64) as JobId
const waits = { type: 'decided', held: 2 } as const

/** A clock that goes on by itself with each look, and rests that end when they are told to. */
class Slow {
  at = 0
  looks = 0
  readonly rests: { readonly ms: number; readonly end: () => void }[] = []
  readonly whys = new Whys(
    {
      job: async () => {
        this.#look()
        return accept({ waits } as JobView)
      },
      unit: async (_, number) => {
        this.#look()
        const known: UnitWaits = { stage: 'decided', leased: 0, results: 0, waits }
        return accept(number === 0 ? known : undefined)
      },
    },
    {
      now: () => this.at,
      wall: () => 0,
      after: (ms, end) => {
        this.rests.push({ ms, end })
        return () => {}
      },
    },
  )

  ask(unit?: number) {
    return this.whys.answer({ type: 'why', job, ...(unit === undefined ? {} : { unit }) })
  }

  #look(): void {
    this.looks++
    this.at += 2
  }
}

test('a job and a unit are answered for; a unit that is none is unknown', async () => {
  const slow = new Slow()
  const code = { type: 'why', code: 'decided', against: [] }
  expect(await slow.ask()).toMatchObject({ ok: true, value: code })
  const first = slow.ask(0)
  slow.rests[0]?.end()
  expect(await first).toMatchObject({ ok: true, value: { ...code, unit: { unit: 0 } } })
  const none = slow.ask(1)
  slow.rests[1]?.end()
  expect(await none).toMatchObject({ ok: false, refusal: { code: 'job.unknown', at: 'unit' } })
})

test('whoever asks and asks has a twentieth of the time, and waits or is sent away', async () => {
  const slow = new Slow()
  await slow.ask()
  const waiting = Array.from({ length: limits.whysWaitingMax }, () => slow.ask())
  const refused = await slow.ask()
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'wire.full' } })
  expect(slow.looks).toBe(1)
  for (const [i, answer] of waiting.entries()) {
    expect(slow.rests[i]?.ms).toBe(38)
    slow.rests[i]?.end()
    expect((await answer).ok).toBe(true)
    expect(slow.looks).toBe(i + 2)
  }
})
