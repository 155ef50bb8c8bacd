import type { Digest, Signer } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { stateRoot } from '../fold/learn.ts'
import { Ledger } from '../ledger.ts'
import { signers, Writer } from '../test/chains.ts'
import { codeOf, opened, Places, takenOf, valued } from '../test/stores.ts'
import { delegationFact, peer } from '../test/world.ts'
import { audit, lookHere, recover } from './index.ts'

const places = new Places()
afterAll(() => places.remove())

const signer = signers[0] as Signer
const wrong = '7'.repeat(64) as Digest

/** A store with a checkpoint over a state, and whatever entries come after it. */
async function written(writer: Writer, at: number, state: (ledger: Ledger) => Digest) {
  const directory = places.next()
  const ledger = new Ledger()
  for (const bytes of writer.entries.slice(0, at)) valued(ledger.take(bytes))
  await using store = await opened(directory)
  const taken = takenOf(writer.entries)
  valued(await store.append(taken.slice(0, at)))
  valued(await store.gate.witnessed([]))
  const checkpoint = valued(
    await store.gate.checkpoint(signer, { state: state(ledger), time: writer.time }),
  )
  valued(await store.gate.cosigned(writer.cosign(checkpoint, 1, at)))
  if (taken.length > at) valued(await store.append(taken.slice(at)))
  return directory
}

const looked = (directory: string) => audit(directory, { look: lookHere })

describe('an audit', () => {
  test('says what the entries add up to, and which signatures say the same', async () => {
    const writer = new Writer().fill(30)
    const directory = await written(writer, 20, (ledger) => stateRoot(ledger.state))
    const found = valued(await looked(directory))
    expect(found).toMatchObject({ tip: { size: 30 }, checkpoints: 1, cosignatures: 1 })
    await using store = await opened(directory)
    const ledger = valued(await recover(store))
    expect(found.state).toBe(stateRoot(ledger.state))
    expect(ledger.chain.stand?.head).toBe(store.tip.head)
    expect(valued(await recover(store, { size: 7 })).chain.stand?.size).toBe(7)
  })

  test('finds a checkpoint that was signed over another state', async () => {
    const directory = await written(new Writer().fill(30), 20, () => wrong)
    expect(await looked(directory)).toMatchObject({
      refusal: { code: 'chain.checkpoint', at: 'checkpoint 20' },
    })
  })

  test('finds a fact that breaks a rule where it was written', async () => {
    const writer = new Writer().fill(20)
    writer.write({ type: 'fences', below: 3 })
    writer.fill(5)
    const directory = await written(writer, 10, (ledger) => stateRoot(ledger.state))
    expect(await looked(directory)).toMatchObject({
      refusal: { code: 'ledger.rule', at: 'entry 20' },
    })
    await using store = await opened(directory)
    expect(codeOf(await recover(store))).toBe('ledger.rule')
  })

  test('of a store that is not known verifies every signature', async () => {
    const writer = new Writer().fill(20)
    const fact = delegationFact(peer(1), peer(2), 1, 1_000_000)
    if (fact.type !== 'delegation') throw new Error('no delegation')
    const { delegation } = fact
    const signatures = delegation.signatures.map((one) => one.with(5, 0))
    writer.write({ type: 'delegation', delegation: { ...delegation, signatures } })
    const directory = await written(writer, 10, (ledger) => stateRoot(ledger.state))
    expect(codeOf(await looked(directory))).toBe('ok')
    expect(await audit(directory, { look: lookHere, signatures: true })).toMatchObject({
      refusal: { code: 'signature.false', at: 'entry 20' },
    })
  })
})
