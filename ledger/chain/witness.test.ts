import { type Digest, decode, encode, forkSchema, leafHash, merkleTree } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { Writer } from '../test/chains.ts'
import { Chain } from './chain.ts'
import type { Governance } from './stand.ts'
import { forkProof, openCosigned, openFork } from './witness.ts'

const honest = new Writer().fill(20)
/** The same coordinator, which wrote something else from the tenth entry on. */
const second = new Writer().fill(10)
second.time += 5
second.fill(15)

describe('cosignatures', () => {
  const chain = new Chain()
  for (const bytes of honest.entries) chain.append(bytes)
  const governance = chain.stand?.governance as Governance
  const checkpoint = honest.checkpoint()

  test('of a quorum, the coordinator among them, are enough', () => {
    const cosigned = [honest.cosign(checkpoint, 1), honest.cosign(checkpoint, 3)]
    expect(openCosigned(governance, checkpoint, cosigned)).toMatchObject({ ok: true })
  })

  test('of too few, of one twice, or of a stranger are not', () => {
    const one = honest.cosign(checkpoint, 1)
    for (const cosigned of [[one], [one, one], [one, honest.cosign(checkpoint, 6)]]) {
      const answer = openCosigned(governance, checkpoint, cosigned)
      expect(answer).toMatchObject({ refusal: { code: 'chain.checkpoint' } })
    }
  })

  test('of another checkpoint, or another size, do not count', () => {
    const cosigned = [honest.cosign(honest.checkpoint(19), 1), honest.cosign(checkpoint, 2, 19)]
    for (const one of cosigned) {
      const answer = openCosigned(governance, checkpoint, [one, honest.cosign(checkpoint, 3)])
      expect(answer).toMatchObject({ refusal: { code: 'chain.checkpoint' } })
    }
  })
})

describe('a fork', () => {
  test('of one size proves itself in less than 2 KB, to whoever opens it', () => {
    const proof = forkProof(honest.checkpoint(15), second.checkpoint(15))
    if (proof === undefined) throw new Error('no proof')
    const bytes = encode(forkSchema, proof)
    expect(bytes.length).toBeLessThan(2048)
    const read = decode(forkSchema, bytes)
    expect(read.ok && openFork(read.value)).toMatchObject({ ok: true, value: { size: 15 } })
  })

  test('of two sizes is proven by the leaf that differs', () => {
    const leaves = second.entries.map(leafHash)
    const leaf = {
      hash: Buffer.from(leaves[14] as Uint8Array).toString('hex') as Digest,
      path: merkleTree(leaves).paths[14] ?? [],
    }
    const [small, large] = [honest.checkpoint(15), second.checkpoint(25)]
    const proof = { one: small, other: large, leaf }
    expect(openFork(proof)).toMatchObject({ ok: true, value: { size: 15 } })
    expect(forkProof(small, large, leaf)).toEqual(proof)
    expect(forkProof(large, small, leaf)).toEqual(proof)
    expect(forkProof(small, large)).toBeUndefined()
    expect(forkProof(honest.checkpoint(14), large, leaf)).toBeUndefined()
  })

  test('is not proven by an honest chain that grew, or said the same again later', () => {
    const leaves = honest.entries.map(leafHash)
    const leaf = {
      hash: Buffer.from(leaves[14] as Uint8Array).toString('hex') as Digest,
      path: merkleTree(leaves).paths[14] ?? [],
    }
    expect(forkProof(honest.checkpoint(15), honest.checkpoint(20), leaf)).toBeUndefined()
    const again = honest.checkpoint(15, { time: 99_999 })
    expect(forkProof(honest.checkpoint(15), again)).toBeUndefined()
  })

  test('is not proven by two chains, or by a signature that is forged', () => {
    const elsewhere = new Writer()
    Object.assign(elsewhere, { chain: '0'.repeat(64) })
    elsewhere.fill(15)
    expect(forkProof(honest.checkpoint(15), elsewhere.checkpoint(15))).toBeUndefined()
    const forged = second.checkpoint(15)
    const signatures = forged.signatures.map((signature) => signature.with(9, 0))
    expect(forkProof(honest.checkpoint(15), { ...forged, signatures })).toBeUndefined()
  })

  test('of the state alone is a fork too', () => {
    const state = '1'.repeat(64) as Digest
    const proof = forkProof(honest.checkpoint(15), honest.checkpoint(15, { state }))
    expect(proof && openFork(proof)).toMatchObject({ ok: true, value: { size: 15 } })
  })
})
