import type { FromNode } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { noon, sweepOf } from '../test/cast.ts'
import { named, Rig } from '../test/rig.ts'
import { rowsFrom } from './recover.ts'

type Says = Readonly<Record<string, string>>

const honest: Says = { kim: 'right', ann: 'right' }
const mixed: Says = { ...honest, bob: 'right', cid: 'wrong', dan: '!boom' }

/** What a node keeps on its own disk until it is told that it may forget it. */
class Keeper {
  readonly #kept = new Map<string, FromNode & { readonly type: 'deliver' }>()
  readonly #rig: Rig
  readonly #name: string
  readonly #says: string

  constructor(rig: Rig, name: string, says: string) {
    this.#rig = rig
    this.#name = name
    this.#says = says
  }

  /** Offers, computes and delivers, and keeps what it delivered until it was decided. */
  work(): boolean {
    const rig = this.#rig
    if (rig.hungUp.has(this.#name)) return false
    rig.offer(this.#name, { units: 2 })
    const leases = rig.leases(this.#name)
    const deliveries = rig.deliverAll(this.#name, () => this.#says)
    for (const [i, delivery] of deliveries.entries()) {
      const lease = leases[i]
      if (lease !== undefined) this.#kept.set(JSON.stringify(named(lease)), delivery)
    }
    for (const { executions } of rig.told(this.#name, 'decided')) {
      for (const one of executions) this.#kept.delete(JSON.stringify(one))
    }
    return leases.length > 0
  }

  /** Comes back after a restart, and shows what it holds and keeps. */
  comeBack(held: ReturnType<Rig['leases']>): void {
    const rig = this.#rig
    rig.join(this.#name, { units: 0 })
    if (rig.hungUp.has(this.#name)) return
    const leases = [
      ...held.map(({ signed }) => signed),
      ...[...this.#kept.values()].map(({ lease }) => lease),
    ]
    for (let i = 0; i < leases.length; i += 64) {
      rig.tell(this.#name, { type: 'hold', leases: leases.slice(i, i + 64) })
    }
  }
}

/** A history in which the process ends after so many deliveries, if it does. */
function history(says: Says, restartAt?: number) {
  const rig = new Rig()
  const names = Object.keys(says)
  const keepers = names.map((name) => new Keeper(rig, name, says[name] ?? ''))
  for (const name of names) rig.join(name, { units: 0 })
  const id = rig.publish(sweepOf(12))
  rig.publish({ ...sweepOf(5), replicas: { quorum: 2, max: 5 } })
  let isBusy = true
  for (let round = 0; isBusy; round++) {
    isBusy = false
    for (const [i, keeper] of keepers.entries()) {
      if (keeper.work()) isBusy = true
      if (restartAt !== round * names.length + i) continue
      const held = names.map((name) => rig.leases(name))
      rig.restart()
      for (const [j, one] of keepers.entries()) one.comeBack(held[j] ?? [])
      isBusy = true
    }
    rig.cosign()
    rig.pass(1000)
  }
  rig.pass(600_000)
  return { rig, id }
}

describe('a coordinator that begins again', () => {
  const { rig: before } = history(honest)

  test.each(Array.from({ length: 16 }, (_, i) => i))(
    'after %i deliveries pays the very same to everybody as without that',
    (at) => {
      const { rig, id } = history(honest, at)
      expect(rig.outcomes(id)).toEqual({ right: 12 })
      expect(rig.state.jobs.size).toBe(0)
      expect([rig.credit('kim'), rig.bond('ann')]).toEqual([34_000, 34_000])
      expect([before.credit('kim'), before.bond('ann')]).toEqual([34_000, 34_000])
    },
  )

  test.each(Array.from({ length: 16 }, (_, i) => i))(
    'after %i deliveries, some of them wrong, has every unit right and nothing left over',
    (at) => {
      const { rig, id } = history(mixed, at)
      expect(rig.outcomes(id)).toEqual({ right: 12 })
      expect(rig.state.jobs.size).toBe(0)
      expect([...rig.rows.keys()]).toEqual(['seed'])
      for (const [account] of rig.state.ledger.state.balances.entries()) {
        expect(account).toMatch(/^(mint|owner\/|bond\/)/)
      }
    },
  )
})

describe('after a restart', () => {
  test('what was acknowledged is still there, and is opened by the verdict', () => {
    const rig = new Rig()
    const id = rig.publish()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.deliverAll('ann')
    rig.restart()
    rig.join('kim')
    rig.deliverAll('kim')
    const [verdict] = rig.factsOf('verdict')
    expect(verdict?.decided.type).toBe('accepted')
    expect(verdict?.receipts).toHaveLength(2)
    expect(rig.verdicts(id)).toHaveLength(1)
  })

  test('whose owner changed meanwhile is asked anew', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann', {}, undefined, { delegation: rig.delegation('kim', 'ann', noon, 1000) })
    rig.join('bob')
    rig.deliverAll('ann')
    rig.pass(1000)
    rig.restart()
    rig.join('kim')
    rig.deliverAll('kim')
    rig.pass(60_000)
    expect(rig.credit('kim')).toBe(2000)
    expect(rig.bond('ann')).toBe(2000)
  })

  test('units that were begun and are undecided are leased again, and none twice', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(30))
    rig.join('ann', { units: 8 })
    const [, , , sealed] = rig.leases('ann')
    if (sealed !== undefined) rig.tell('ann', rig.delivery('ann', sealed))
    rig.restart()
    for (const name of ['kim', 'bob']) rig.join(name, { units: 0 })
    rig.work({ kim: 'right', bob: 'right' })
    expect(rig.outcomes(id)).toEqual({ right: 30 })
    expect(rig.verdicts(id)).toHaveLength(30)
  })

  test('jobs are served in the order in which they came', () => {
    const rig = new Rig()
    const ids = [rig.publish(), rig.publish(), rig.publish()]
    const rows = [...rig.rows].reverse()
    rig.rows.clear()
    for (const [name, row] of rows) rig.rows.set(name, row)
    rig.restart()
    rig.join('ann', { units: 3 })
    expect(rig.leases('ann').map(({ lease }) => lease.job)).toEqual(ids)
  })

  test('a job that was decided and not settled is paid at the same moment', () => {
    const rig = new Rig()
    rig.publish()
    for (const name of ['kim', 'ann']) rig.join(name)
    rig.work({ kim: 'right', ann: 'right' })
    rig.pass(30_000)
    rig.restart()
    rig.pass(29_999)
    expect(rig.credit('kim')).toBe(0)
    rig.pass(1)
    expect(rig.credit('kim')).toBe(2000)
  })

  test('a job that was cancelled and not settled ends', () => {
    const rig = new Rig()
    const id = rig.publish(sweepOf(3))
    for (const name of ['kim', 'ann']) rig.join(name, { units: 1 })
    rig.work({ kim: 'right', ann: 'right' })
    rig.publish()
    rig.restart()
    rig.act('ada', { type: 'cancel', job: id })
    rig.restart()
    rig.pass(60_000)
    expect(rig.factsOf('end').filter(({ job }) => job === id)).toHaveLength(1)
  })
})

describe('rows that were lost', () => {
  test('of jobs and outcomes are had from the entries, and what is over is dropped', () => {
    const rig = new Rig()
    const [one, two] = [rig.publish(), rig.publish(sweepOf(2))]
    for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
    rig.work({ kim: 'right', ann: 'right' })
    const kept = [...rig.rows.keys()].filter((name) => name !== 'seed').sort()
    const entries = rig.facts.map((fact, seq) => ({ facts: [fact], seq }) as never)
    const had = entries.flatMap((entry) => rowsFrom(entry))
    expect(had.map(({ name }) => name).sort()).toEqual(kept)
    rig.pass(60_000)
    expect([one, two].every((id) => !rig.state.jobs.has(id))).toBe(true)
    for (const { name, row } of had) if (row !== undefined) rig.rows.set(name, row)
    rig.restart()
    expect([...rig.rows.keys()]).toEqual(['seed'])
  })
})
