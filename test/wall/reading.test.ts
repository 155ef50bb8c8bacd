import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Reading } from '../../dashboard/src/audit/reading.ts'
import { Shelf, type Shelved } from '../../dashboard/src/audit/shelf.ts'
import { Source } from '../../dashboard/src/audit/source.ts'
import { openDatabase } from '../../dashboard/src/key/database.ts'
import { openFork } from '../../ledger/index.ts'
import { meshOf, Writer } from '../../ledger/test/chains.ts'
import { workedChain } from '../../ledger/test/worked.ts'
import { decode, entrySchema, forkSchema } from '../../specs/index.ts'
import { Served } from './served.ts'

/** What is kept between visits, in memory. */
class Memory {
  readonly rows = new Map<string, Shelved>()
  get = async (chain: string) => this.rows.get(chain)
  put = async (row: Shelved) => void this.rows.set(row.chain, row)
}

describe('a reading', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.open()
  })
  afterAll(() => served[Symbol.asyncDispose]())

  const visit = async (memory = new Memory()) => {
    const reading = new Reading(new Source(served.address), memory, () => {})
    let time = 0
    await reading.goOn(() => (time += 20_000))
    return reading
  }

  const alone = () => new Writer(meshOf(1, 1))

  test('takes all that is under a checkpoint, and next time what is new', async () => {
    const writer = alone().fill(250)
    served.serve(writer)
    const memory = new Memory()
    const first = await visit(memory)
    expect(first.standing).toMatchObject({ phase: 'level', size: 250, resumed: 0, read: 250 })
    writer.write({ type: 'fences', below: 1000 })
    served.serve(writer)
    const next = await visit(memory)
    expect(next.standing).toMatchObject({ phase: 'level', size: 251, resumed: 250, read: 1 })
  })

  test('does not take a young checkpoint for a wrong one', async () => {
    served.serve(new Writer(meshOf(4, 3)).fill(5))
    const { standing } = await visit()
    expect(standing).toMatchObject({ phase: 'level', sealed: { isSeen: false, quorum: 3 } })
  })

  test('counts who is of the roster, once, whoever else has signed', async () => {
    served.serve(new Writer(meshOf(4, 3)).fill(5), {}, [1, 1, 0, 2, 5, 6])
    const { standing } = await visit()
    expect(standing).toMatchObject({
      ...{ phase: 'level' },
      sealed: { witnesses: 2, members: 4, isSeen: true },
    })
  })

  test('takes what is no answer for none, and goes on when there is one', async () => {
    served.serve(alone().fill(5))
    const reading = new Reading(new Source(served.address), new Memory(), () => {})
    let time = 0
    const goOn = () => reading.goOn(() => (time += 20_000))
    const lies: unknown[] = [null, 7, [], {}, { items: 7 }, { items: [null, 7] }, { chain: 7 }]
    for (const end of ['/ledger', '/entries']) {
      for (const lie of lies) {
        served.lies = new Map([[end, lie]])
        await goOn()
        expect(reading.standing.phase, `${end} ${JSON.stringify(lie)}`).toMatch(/away|alarm/)
        if (end === '/ledger') expect(reading.standing.alarm).toBeUndefined()
      }
    }
    served.lies = new Map()
    expect((await visit()).standing).toMatchObject({ phase: 'level', size: 5 })
  })

  test('does not take a start of the coordinator for a loss of entries', async () => {
    const memory = new Memory()
    served.serve(alone().fill(5))
    await visit(memory)
    served.isYoung = true
    expect((await visit(memory)).standing).toMatchObject({ phase: 'young', size: 5 })
    served.isYoung = false
    expect((await visit(memory)).standing).toMatchObject({ phase: 'level', size: 5 })
  })

  test('finds another state, root or head than the entries add up to', async () => {
    for (const what of ['state', 'root', 'head'] as const) {
      served.serve(alone().fill(5), { [what]: 'a'.repeat(64) })
      expect((await visit()).standing.alarm).toMatchObject({ kind: 'checkpoint' })
    }
  })

  test('finds one false signature of a receipt, wherever it stands', async () => {
    const honest = workedChain(60)
    served.serve(honest)
    expect((await visit()).standing).toMatchObject({ phase: 'level', size: honest.entries.length })
    for (const unit of [0, 31, 59]) {
      served.serve(forged(honest, unit))
      const { alarm } = (await visit()).standing
      expect(alarm, `unit ${unit}`).toMatchObject({ kind: 'signature', code: 'signature.false' })
    }
  })

  test('proves a fork of the size that it has verified', async () => {
    const memory = new Memory()
    served.serve(alone().fill(5))
    await visit(memory)
    const other = alone().fill(4)
    other.write({ type: 'fences', below: 77 })
    served.serve(other)
    const { alarm } = (await visit(memory)).standing
    expect(alarm).toMatchObject({ kind: 'fork' })
    const proof = decode(forkSchema, alarm?.evidence ?? new Uint8Array())
    expect(proof.ok && openFork(proof.value)).toMatchObject({ ok: true })
  })

  test('finds that entries are gone, or follow others than those it has verified', async () => {
    const memory = new Memory()
    served.serve(alone().fill(5))
    await visit(memory)
    served.serve(alone().fill(3))
    expect((await visit(memory)).standing.alarm).toMatchObject({ kind: 'gap' })
    const other = alone().fill(4)
    other.write({ type: 'fences', below: 77 })
    other.write({ type: 'fences', below: 99 })
    served.serve(other)
    expect((await visit(memory)).standing.alarm).toMatchObject({ kind: 'entry', at: 'entry 5' })
  })

  test('begins anew where what was kept is damaged', async () => {
    const memory = new Memory()
    served.serve(alone().fill(5))
    await visit(memory)
    for (const [chain, row] of memory.rows) memory.rows.set(chain, { ...row, state: [] })
    expect((await visit(memory)).standing).toMatchObject({ phase: 'level', resumed: 0, size: 5 })
  })
})

test('a browser that denies its database has a reading that keeps nothing', async () => {
  const denied = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError')
  }
  vi.stubGlobal('indexedDB', { open: denied })
  onTestFinished(() => void vi.unstubAllGlobals())
  expect(await openDatabase()).toBeUndefined()
  const shelf = await Shelf.open()
  expect(await shelf.get('any')).toBeUndefined()
})

/** The same chain, written anew with another signature under the first receipt of a unit. */
function forged(writer: Writer, unit: number): Writer {
  const other = new Writer()
  for (const bytes of writer.entries) {
    const entry = decode(entrySchema, bytes)
    if (!entry.ok) throw new Error(entry.refusal.code)
    const facts = entry.value.facts.map((fact) => {
      if (fact.type !== 'verdict' || fact.unit !== unit) return fact
      const [first, ...rest] = fact.receipts
      if (first === undefined) throw new Error(`unit ${unit} has no receipt`)
      const signatures = first.signatures.map((signature) => {
        return signature.with(0, (signature[0] as number) ^ 1)
      })
      return { ...fact, receipts: [{ ...first, signatures }, ...rest] }
    })
    other.time = entry.value.time
    other.write(...facts.filter(({ type }) => type !== 'genesis'))
  }
  return other
}
