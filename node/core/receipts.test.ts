import {
  type Execution,
  type FromCoordinator,
  limits,
  open,
  type ReceiptId,
  receiptDocument,
  receiptId,
  refusalOf,
  resultId,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import {
  acknowledgementOf,
  beaconOf,
  decidedOn,
  digestNamed,
  jobOn,
  leaseOf,
  manifestOf,
  node,
  noon,
  quietHour,
} from '../test/cast.ts'
import { joined, type Rig } from '../test/rig.ts'
import { keyOf } from './state.ts'

const { first, second } = joined()
/** Goes on with the chain of the first. */
const successor = { ...second, chain: first.chain }
const job = jobOn(first.chain, 'a job')
const { execution, signed: lease } = leaseOf(first, job.id, 0)
const key = keyOf(first.id, execution)

/** A node that has delivered the result of a unit, and the receipt. */
function delivered(): { rig: Rig; id: ReceiptId } {
  const { rig } = joined()
  return { rig, id: deliver(rig, 0) }
}

/** Has a node run a unit, and gives the receipt. */
function deliver(rig: Rig, unit: number): ReceiptId {
  const { message, execution: one } = leaseOf(first, job.id, unit)
  rig.hear(first, message)
  if (!rig.state.jobs.has(job.id)) rig.hear(first, { type: 'job', job: job.signed })
  rig.fetch(keyOf(first.id, one)).result(keyOf(first.id, one))
  return idIn(rig)
}

function idIn(rig: Rig): ReceiptId {
  const [said] = rig.saidOf('deliver', first)
  if (said === undefined) throw new Error('nothing was delivered')
  return receiptId(said.receipt)
}

function refuse(code: Parameters<typeof refusalOf>[0], retryMs?: number): FromCoordinator {
  const refusal = refusalOf(code, retryMs === undefined ? {} : { retryMs })
  return { type: 'refuse', refusal, execution }
}

function refused(rig: Rig): string[] {
  return rig.all('tell').flatMap(({ news }) => (news.type === 'refused' ? [news.refusal.code] : []))
}

const decided = (more = {}, executions: readonly Execution[] = [execution]) =>
  decidedOn(first, executions, [second], more)

describe('a result', () => {
  test('is signed and on the disk before it is said, and in place of its lease', () => {
    const { rig } = delivered()
    expect(rig.effects.map(({ type }) => type)).toEqual([
      'keep',
      'forget',
      'tell',
      'send',
      'tell',
      'wake',
    ])
    expect(rig.all('keep')[0]?.name).toBe(`receipt/${key}`)
    expect(rig.all('forget')[0]?.name).toBe(`lease/${key}`)
    const [said] = rig.saidOf('deliver', first)
    expect(said).toMatchObject({ lease, manifest: manifestOf(job.id, 0) })
    expect(said && open(receiptDocument, said.receipt)).toMatchObject({
      value: {
        ...execution,
        chain: first.chain,
        node: node.id,
        result: resultId(manifestOf(job.id, 0).outcome),
        salt: new Uint8Array(32).fill(1),
        issued: noon + rig.at,
      },
    })
  })

  test('that comes after its lease has ended is delivered nevertheless', () => {
    const { rig } = joined()
    rig.hear(first, leaseOf(first, job.id, 0).message)
    rig.hear(first, { type: 'job', job: job.signed }).fetch(key)
    rig.hear(first, { type: 'cancel', executions: [execution] }).result(key)
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
  })

  test('of another unit is a mistake of the shell', () => {
    const { rig } = joined()
    rig.hear(first, leaseOf(first, job.id, 0).message)
    rig.hear(first, { type: 'job', job: job.signed }).fetch(key)
    const salt = new Uint8Array(32)
    const manifest = manifestOf(job.id, 1)
    expect(() => rig.executed(key, { type: 'result', manifest, salt })).toThrow('another unit')
  })
})

describe('a receipt', () => {
  test('is delivered again after pauses that double, until it is acknowledged', () => {
    const { rig, id } = delivered()
    const times: number[] = []
    const begun = rig.at
    for (let second_ = 0; second_ < 1200; second_++) {
      rig.passTalking(1000, first, second)
      if (rig.saidOf('deliver', first).length > 0) times.push((rig.at - begun) / 1000)
    }
    expect(times).toEqual([15, 45, 105, 225, 375, 525, 675, 825, 975, 1125])
    rig.hear(first, acknowledgementOf(first, [id]))
    expect(rig.passTalking(3_600_000, first, second).saidOf('deliver', first)).toEqual([])
  })

  test('is delivered again on the next stream, unless it was acknowledged in this epoch', () => {
    const { rig, id } = delivered()
    rig.comeBack(first, second)
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
    rig.hear(first, acknowledgementOf(first, [id])).comeBack(first, second)
    expect(rig.saidOf('deliver', first)).toEqual([])
    expect(rig.saidOf('hold', first)).toEqual([{ type: 'hold', leases: [lease] }])
  })

  test('is delivered again in a later epoch', () => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [id])).close(first)
    rig.passTalking(2000, second)
    rig.open(first).welcome(first, 1)
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
    expect(rig.saidOf('hold', first)).toEqual([])
  })

  test('is delivered to a successor, that tells by a beacon what it writes', () => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [id])).close(first)
    const beacon = beaconOf(second, rig.moment().time, { chain: first.chain, epoch: 1 })
    rig.step({ type: 'beacon', beacon }).open(successor)
    expect(rig.saidOf('hello', successor)).toMatchObject([{ chain: first.chain }])
    rig.welcome(successor, 1)
    expect(rig.saidOf('deliver', successor)).toHaveLength(1)
    rig.hear(successor, acknowledgementOf(successor, [id], { epoch: 1 }))
    expect(rig.told('acknowledged')).toHaveLength(2)
    expect(rig.saidOf('deliver', second)).toEqual([])
  })

  test('is kept until a quorum covers its verdict', () => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [id]))
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
    rig.hear(first, decided())
    expect([...rig.disk.keys()].some((name) => name.endsWith(key))).toBe(false)
    expect(rig.told('decided')).toEqual([{ type: 'decided', key }])
    expect([rig.state.kept.size, rig.state.keptById.size, rig.state.keptOf.size]).toEqual([0, 0, 0])
  })

  test('keeps its coordinator, also when it is lost, and others of no use are left', () => {
    const { rig } = delivered()
    rig.observe({ power: 'battery' }).passTalking(2 * limits.lingerMs, first, second)
    expect(rig.state.contacts.get(first.id)?.link.stage).toBe('open')
    expect(rig.state.contacts.get(second.id)?.link.stage).toBe('away')
    rig.comeBack(first)
    expect(rig.saidOf('deliver', first)).toHaveLength(1)
  })

  test('goes when the coordinator that leased it refuses it for good', () => {
    const { rig } = delivered()
    rig.hear(first, refuse('lease.fenced'))
    expect(rig.told('refusedBy')).toMatchObject([{ dropped: key }])
    expect(rig.disk.has(`receipt/${key}`)).toBe(false)
  })

  test('waits when it is refused for now, and when the other side is broken', () => {
    const { rig } = delivered()
    rig.hear(first, refuse('wire.full', 200_000)).passTalking(199_999, first, second)
    expect(rig.saidOf('deliver', first)).toEqual([])
    expect(rig.passTalking(1, first, second).saidOf('deliver', first)).toHaveLength(1)
    rig.hear(first, refuse('ledger.stopped'))
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
  })

  test('stays when anybody else refuses it, who is not asked again in that epoch', () => {
    const { rig } = delivered()
    const says = (epoch: number) =>
      beaconOf(second, rig.moment().time, { chain: first.chain, epoch })
    rig
      .step({ type: 'beacon', beacon: says(1) })
      .open(successor)
      .welcome(successor, 1)
    rig.hear(successor, refuse('lease.unknown'))
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
    rig
      .close(successor)
      .step({ type: 'beacon', beacon: says(1) })
      .passTalking(2000, first, second)
    expect(rig.open(successor).welcome(successor, 1).saidOf('deliver', successor)).toEqual([])
    rig.pass(1).step({ type: 'beacon', beacon: says(2) })
    expect(rig.saidOf('deliver', successor)).toHaveLength(1)
  })

  test('stays when it was acknowledged and is refused after that', () => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [id])).hear(first, refuse('lease.fenced'))
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
  })
})

describe('an acknowledgement', () => {
  test.each([
    ['of another coordinator', (id: ReceiptId) => acknowledgementOf(second, [id])],
    ['of another epoch', (id: ReceiptId) => acknowledgementOf(first, [id], { epoch: 1 })],
    [
      'of another chain',
      (id: ReceiptId) => acknowledgementOf(first, [id], { chain: second.chain }),
    ],
  ])('%s is refused', (_, said) => {
    const { rig, id } = delivered()
    expect(refused(rig.hear(first, said(id)))).toEqual(['lease.unknown'])
    expect(rig.told('acknowledged')).toEqual([])
  })

  test('of what nobody knows, or was not sent there, counts for nothing', () => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [digestNamed<ReceiptId>('none')]))
    rig.hear(second, acknowledgementOf(second, [id]))
    expect([refused(rig), rig.told('acknowledged')]).toEqual([[], []])
  })

  test('is kept, as a proof for the day on which the receipt is lost there', () => {
    const { rig, id } = delivered()
    const rows = rig.hear(first, acknowledgementOf(first, [id])).all('keep')
    expect(rows).toMatchObject([{ name: `acknowledgement/${key}` }])
    expect(rig.restarted().state.kept.get(key)?.acknowledged).toEqual({
      coordinator: first.id,
      epoch: 0,
      size: 10,
    })
  })
})

describe('a verdict', () => {
  test.each([
    ['that no quorum covers', decidedOn(first, [execution], [])],
    ['with a cosignature of its author alone', decidedOn(first, [execution], [first])],
    ['below what was acknowledged', decided({ size: 9 })],
  ])('%s is refused', (_, message) => {
    const { rig, id } = delivered()
    rig.hear(first, acknowledgementOf(first, [id])).hear(first, message)
    expect(refused(rig)).toEqual(['chain.checkpoint'])
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
  })

  test('of another chain decides nothing here', () => {
    const { rig } = delivered()
    rig.hear(first, decidedOn(second, [execution], [first]))
    expect(rig.disk.has(`receipt/${key}`)).toBe(true)
  })

  test('on a unit that runs ends it, and nothing is sealed', () => {
    const { rig } = joined()
    rig.hear(first, leaseOf(first, job.id, 0).message)
    rig.hear(first, { type: 'job', job: job.signed }).fetch(key)
    rig.hear(first, decided())
    expect([rig.all('kill').length, rig.told('ended')]).toMatchObject([1, [{ without: 'decided' }]])
    expect(rig.result(key).saidOf('deliver', first)).toEqual([])
  })
})

test('no more receipts are on their way at once than a coordinator takes in meanwhile', () => {
  const { rig } = joined()
  rig.observe({ ...quietHour })
  const units = limits.deliveriesMax + 10
  for (let unit = 0; unit < units; unit++) {
    rig.passTalking(1000, first, second)
    const { message, execution: one } = leaseOf(first, job.id, unit)
    rig.hear(first, message)
    if (unit === 0) rig.hear(first, { type: 'job', job: job.signed })
    rig.fetch(keyOf(first.id, one)).result(keyOf(first.id, one))
  }
  expect(rig.state.kept.size).toBe(units)
  rig.comeBack(first, second)
  expect(rig.saidOf('deliver', first)).toHaveLength(limits.deliveriesMax)
  const all = rig.saidOf('deliver', first).map(({ receipt }) => receiptId(receipt))
  const ids = all.slice(0, 20)
  expect(rig.hear(first, acknowledgementOf(first, ids)).saidOf('deliver', first)).toHaveLength(10)
  rig.comeBack(first, second)
  expect(rig.saidOf('hold', first).map(({ leases }) => leases.length)).toEqual([20])
})

test('a node that keeps half of what it can of one chain takes no more of it', () => {
  const { rig } = delivered()
  rig.state.keptOf.set(first.chain, limits.receiptsKeptMax / 2)
  rig.observe({ idleMs: 4_000_000 })
  expect(rig.saidOf('offer', first)).toMatchObject([{ offer: { units: 0 } }])
  expect(rig.saidOf('offer', second)).toMatchObject([{ offer: { units: 5 } }])
})
