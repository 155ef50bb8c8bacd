import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Account,
  accounts,
  type Certificate,
  certificateSchema,
  type Digest,
  encode,
  fromHex,
  leafHash,
  merkleTree,
} from '@nexapod/specs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Electorate } from '../chain/governance.ts'
import { stateRoot } from '../fold/learn.ts'
import type { State } from '../fold/state.ts'
import { keyOf, Writer } from '../test/chains.ts'
import { learnt, take } from '../test/steps.ts'
import { accountOf, delegationFact, jobFact, peer, unitFacts } from '../test/world.ts'
import { certifyBalance, openCertificate } from './certificate.ts'

const electorate: Electorate = {
  members: [0, 1, 2, 3].map((i) => ({ coordinator: keyOf(i), addresses: [] })),
  quorum: 3,
}
const eve = peer(3)
const mine = accountOf(eve.id)

/** A state in which Eve earned, and a chain whose checkpoint has its root. */
let state: State
const writer = new Writer()
let balance: Certificate
let entry: Certificate

beforeAll(() => {
  const job = jobFact(peer(1), 1, 1)
  const nodes = [eve, peer(4)]
  const { sealed, verdict, decided, earnings } = unitFacts(job.id, 0, nodes, 7_000_000_000)
  const [first] = earnings
  if (first === undefined) throw new Error('nobody earned')
  const others = Array.from({ length: 40 }, (_, i) => {
    return delegationFact(peer(50), peer(60 + i), 5, 1000)
  })
  state = learnt([...others, { type: 'fences', below: 9 }, job.fact, sealed, decided])
  take(state, [first.settle(mine)], 5000)
  writer.fill(30)
  writer.write(verdict)
  writer.fill(3)
  const checkpoint = writer.checkpoint(undefined, { state: stateRoot(state) })
  const cosigned = {
    checkpoint,
    cosignatures: [writer.cosign(checkpoint, 1), writer.cosign(checkpoint, 2)],
  }
  balance = certifyBalance(state, mine, cosigned) as Certificate
  const { paths } = merkleTree(writer.entries.map(leafHash))
  const proves = {
    type: 'entry' as const,
    seq: 30,
    entry: writer.entries[30] as Uint8Array,
    path: paths[30] ?? [],
  }
  entry = { v: 1, ...cosigned, proves, delegation: delegationOf(eve, 1_000_000) }
})

function delegationOf(node: typeof eve, expires: number) {
  const fact = delegationFact(peer(50), node, 5, expires)
  if (fact.type !== 'delegation') throw new Error('no delegation')
  return fact.delegation
}

function opened(certificate: Certificate, by = electorate) {
  return openCertificate(by, encode(certificateSchema, certificate))
}

describe('a certificate', () => {
  test('of credit proves it with the keys of the roster alone, in less than 4 KB', () => {
    expect(opened(balance)).toMatchObject({ ok: true, value: { balance: { micro: 7000 } } })
    expect(encode(certificateSchema, balance).length).toBeLessThan(4096)
  })

  test('of a verdict shows its entry, and whose the node is', () => {
    const answer = opened(entry)
    expect(answer).toMatchObject({ ok: true, value: { delegation: { owner: peer(50).id } } })
    expect(answer.ok && answer.value.entry?.facts[0]?.type).toBe('verdict')
    expect(encode(certificateSchema, entry).length).toBeLessThan(4096)
  })

  test('shows no owner by a delegation that is forged, over, or of another node', () => {
    const good = delegationOf(eve, 1_000_000)
    const forged = { ...good, signatures: good.signatures.map((one) => one.with(3, 0)) }
    expect(opened({ ...entry, delegation: forged })).toMatchObject({
      refusal: { code: 'signature.false' },
    })
    for (const delegation of [delegationOf(eve, 6), delegationOf(peer(60), 1_000_000)]) {
      const answer = opened({ ...entry, delegation })
      expect(answer).toMatchObject({ refusal: { code: 'proof.false' } })
    }
    expect(opened({ ...balance, delegation: good })).toMatchObject({
      refusal: { code: 'proof.false' },
    })
  })

  test('of an account that holds nothing is not to be had', () => {
    const { checkpoint, cosignatures } = balance
    const none = certifyBalance(state, accountOf(peer(77).id), { checkpoint, cosignatures })
    expect(none).toBeUndefined()
  })

  test('does not prove more, another account, or another state', () => {
    if (balance.proves.type !== 'balance') throw new Error('not of a balance')
    const { proves } = balance
    const forged: Certificate['proves'][] = [
      { ...proves, micro: proves.micro + 1 },
      { ...proves, account: accountOf(peer(4).id) },
      { ...proves, account: accounts.mint as Account },
      { ...proves, place: proves.place + 1 },
      { ...proves, capacity: proves.capacity * 2 },
      { ...proves, path: proves.path.slice(1) },
    ]
    for (const one of forged) {
      expect(opened({ ...balance, proves: one })).toMatchObject({
        refusal: { code: 'proof.false' },
      })
    }
    const old = writer.checkpoint(undefined, { state: '0'.repeat(64) as Digest })
    const cosignatures = [writer.cosign(old, 1), writer.cosign(old, 2)]
    expect(opened({ ...balance, checkpoint: old, cosignatures })).toMatchObject({
      refusal: { code: 'proof.false' },
    })
  })

  test('does not prove another entry, or the same at another place', () => {
    if (entry.proves.type !== 'entry') throw new Error('not of an entry')
    const { proves } = entry
    const other = writer.entries[29] as Uint8Array
    for (const one of [
      { ...proves, entry: other },
      { ...proves, seq: 29 },
    ]) {
      expect(opened({ ...entry, proves: one })).toMatchObject({ refusal: { code: 'proof.false' } })
    }
  })

  test('needs a quorum of the roster that the reader knows', () => {
    const [one] = balance.cosignatures
    const few = { ...balance, cosignatures: one === undefined ? [] : [one] }
    expect(opened(few)).toMatchObject({ refusal: { code: 'chain.checkpoint' } })
    const strangers = { ...electorate, members: electorate.members.slice(1) }
    expect(opened(balance, strangers)).toMatchObject({ refusal: { code: 'chain.checkpoint' } })
  })

  test('with any byte flipped proves nothing else', () => {
    const file = encode(certificateSchema, balance)
    for (let i = 0; i < file.length; i++) {
      const answer = openCertificate(electorate, file.with(i, (file[i] as number) ^ 4))
      expect(answer.ok, `byte ${i}`).toBe(false)
    }
  })
})

test('the vectors hold against the roster of the mesh in the vectors', () => {
  const valid = (room: string) => {
    const file = join(import.meta.dirname, `../../specs/${room}/vectors.json`)
    return JSON.parse(readFileSync(file, 'utf8')).documents[room].valid
  }
  const [{ json: mesh }] = valid('mesh')
  const opening = valid('certificate').map(({ bytes }: { bytes: string }) => {
    return openCertificate(mesh, fromHex(bytes) as Uint8Array)
  })
  expect(opening).toMatchObject([
    { ok: true, value: { balance: { micro: 5000 } } },
    { ok: true, value: { entry: { seq: 1 }, delegation: {} } },
  ])
})
