import { limits, type Receipt, receiptDocument, sign } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { acknowledgementOf, jobOn, leaseOf, node } from '../test/cast.ts'
import { joined, type Rig } from '../test/rig.ts'
import { begin } from './begin.ts'
import type { Named } from './row.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()
const job = jobOn(first.chain, 'a job')
const { message, execution, signed } = leaseOf(first, job.id, 0)
const key = keyOf(first.id, execution)

function executing(): Rig {
  const { rig } = joined()
  return rig.hear(first, message, { type: 'job', job: job.signed }).fetch(key)
}

/** A node with a receipt that nobody has acknowledged. */
function sealed(): Rig {
  return executing().result(key)
}

describe('after a restart', () => {
  test('a receipt is delivered, and its unit does not run again', () => {
    const rig = sealed().restarted().join(first, second)
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
    expect(rig.all('fetch')).toEqual([])
    expect(rig.told('sealed')).toEqual([])
  })

  test('a receipt that was acknowledged is shown', () => {
    const before = sealed()
    const [id = ''] = before.state.keptById.keys()
    before.hear(first, acknowledgementOf(first, [id as never]))
    const rig = before.restarted().join(first, second)
    expect([rig.saidOf('deliver', first).length, rig.saidOf('hold', first).length]).toEqual([0, 1])
  })

  test('a lease waits until its coordinator has been shown it, and then runs', () => {
    const rig = executing().restarted().open(first)
    expect(rig.told('idle').at(-1)?.reasons).toMatchObject([{ code: 'fetching' }])
    rig.passTalking(9000).welcome(first)
    expect(rig.saidOf('hold', first)).toEqual([{ type: 'hold', leases: [signed] }])
    expect(rig.saidOf('ask', first)).toHaveLength(1)
    rig.open(second).welcome(second)
    rig.hear(first, { type: 'job', job: job.signed }).fetch(key)
    expect(rig.all('execute')).toHaveLength(1)
    rig.passTalking(120_000, first, second)
    expect(rig.state.held.get(key)?.stage).toBe('executing')
  })

  test('a lease whose coordinator cannot be found is dropped', () => {
    const rig = executing().restarted().pass(limits.leaseMs)
    expect(rig.told('ended')).toMatchObject([{ key, without: 'expired' }])
    expect([...rig.disk.keys()]).not.toContain(`lease/${key}`)
  })

  test('a lease that its coordinator knows to be lost does not run', () => {
    const rig = executing().restarted().join(first, second)
    rig.hear(first, { type: 'cancel', executions: [execution] })
    expect([rig.state.held.size, rig.all('kill')]).toEqual([0, []])
  })

  test('coordinators that are owed something come first', () => {
    const rig = sealed().restarted()
    expect(rig.all('dial')[0]?.coordinator).toBe(first.id)
  })
})

describe('a crash between two rows', () => {
  test('of a receipt and its lease leaves the receipt', () => {
    const before = executing()
    const lease = before.disk.get(`lease/${key}`) as Uint8Array
    before.result(key).disk.set(`lease/${key}`, lease)
    const rig = before.restarted()
    expect([rig.state.held.size, rig.state.kept.size]).toEqual([0, 1])
    expect(rig.disk.has(`lease/${key}`)).toBe(false)
  })

  test('of a receipt that was forgotten and its acknowledgement leaves neither', () => {
    const before = sealed()
    const [id = ''] = before.state.keptById.keys()
    before.hear(first, acknowledgementOf(first, [id as never]))
    before.disk.delete(`receipt/${key}`)
    const rig = before.restarted()
    expect([...rig.disk.keys()].filter((name) => name.endsWith(key))).toEqual([])
  })
})

describe('a row that is not what was kept', () => {
  const receipt: Receipt = {
    v: 1,
    chain: first.chain,
    ...execution,
    node: joined().rig.setting.machine.node,
    result: 'a'.repeat(64) as Receipt['result'],
    salt: new Uint8Array(32),
    issued: 0,
  }
  const manifest = {
    ...sealed()
      .rows()
      .map(({ row }) => row)
      .find((row) => row.type === 'receipt'),
  }
  const false_ = { ...signed, signatures: [new Uint8Array(64)] }
  const rows: [string, Named, string][] = [
    [
      'a lease with a false signature',
      { name: `lease/${key}`, row: { type: 'lease', lease: false_ } },
      'signature.false',
    ],
    [
      'a receipt of another result',
      {
        name: `receipt/${key}`,
        row: {
          type: 'receipt',
          lease: signed,
          receipt: sign(receiptDocument, receipt, node),
          manifest:
            manifest.type === 'receipt' ? (manifest.manifest as never) : (undefined as never),
        },
      },
      'receipt.mismatch',
    ],
  ]
  test.each(rows)('is told and left alone: %s', (_, named, code) => {
    const { rig } = joined()
    const { state, effects } = begin(rig.setting, [named], rig.moment())
    expect(effects).toContainEqual({
      type: 'tell',
      news: { type: 'damaged', name: named.name, refusal: expect.objectContaining({ code }) },
    })
    expect(effects.filter(({ type }) => type === 'forget')).toEqual([])
    expect([state.held.size, state.kept.size]).toEqual([0, 0])
  })
})
