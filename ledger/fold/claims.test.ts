import {
  accounts,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  type Digest,
  digestText,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  type OwnerId,
  type Purpose,
  requestDocument,
  sign,
  transferId,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { refused, take } from '../test/steps.ts'
import { accountOf, entryOf, chain as here, members, peer, transfer } from '../test/world.ts'
import { balanceOf, emptyState } from './state.ts'

const [ben, eve] = [peer(2), peer(3)]
const [member] = members

describe('claims', () => {
  const elsewhere = 'e'.repeat(64) as ChainId
  const purse = accountOf(eve.id)
  const nonce = new Uint8Array(16)

  /** What another chain wrote when Eve asked it to let credit depart, or did not ask. */
  function claim(signer: typeof eve, micro: number, asked = micro, to = here): Fact {
    const purpose: Purpose = { type: 'depart', owner: eve.id as string as OwnerId, to, nonce }
    const act = { type: 'depart' as const, to, micro: asked, nonce }
    const word = sign(
      requestDocument,
      {
        v: 1,
        from: signer.id,
        to: elsewhere,
        epoch: 0,
        counter: 1,
        issued: 1,
        expires: 60_000,
        act,
      },
      signer,
    )
    const departed = transfer(purpose, purse, accounts.bridge(elsewhere, to), micro, word)
    const entry = encode(entrySchema, { ...entryOf([departed], 10), chain: elsewhere, seq: 0 })
    const leaf = leafHash(entry)
    const checkpoint: Checkpoint = {
      v: 1,
      chain: elsewhere,
      epoch: 0,
      size: 1,
      coordinator: member.id as CoordinatorId,
      root: digestText(leaf),
      head: digestText(leaf),
      state: '0'.repeat(64) as Digest,
      time: 10,
    }
    const signed = sign(checkpointDocument, checkpoint, member)
    return { type: 'claim', seq: 0, entry, path: [], checkpoint: signed, cosignatures: [] }
  }

  function arrival(micro: number): Fact {
    const purpose: Purpose = { type: 'depart', owner: eve.id as string as OwnerId, to: here, nonce }
    const departed = transferId(purpose)
    const arrive: Purpose = { type: 'arrive', from: elsewhere, departed }
    return transfer(arrive, accounts.bridge(elsewhere, here), purse, micro)
  }

  test('bring what an owner asked another chain to send, once', () => {
    const state = emptyState()
    refused(state, [claim(eve, 700)], 'arrives in the same entry')
    refused(state, [claim(eve, 700), arrival(701)], 'as it departed')
    refused(state, [arrival(700), claim(eve, 700)], 'is claimed, once')
    refused(state, [claim(eve, 700), arrival(700), arrival(700)], 'is claimed, once')
    const foreign = { ...arrival(700), to: accountOf(ben.id) } as Fact
    refused(state, [claim(eve, 700), foreign], 'at its owner')
    const other = { ...arrival(700), from: accounts.bridge(elsewhere, elsewhere) } as Fact
    refused(state, [claim(eve, 700), other], 'over its bridge')
    take(state, [claim(eve, 700), arrival(700)])
    expect(balanceOf(state, purse)).toBe(700)
    expect(balanceOf(state, accounts.bridge(elsewhere, here))).toBe(-700)
    refused(state, [claim(eve, 700), arrival(700)], 'claimed once')
  })

  test('bring nothing that the owner did not ask for, or not so', () => {
    refused(emptyState(), [claim(ben, 700)], 'an owner asks for it')
    refused(emptyState(), [claim(eve, 700, 699)], 'as it was asked for')
    refused(emptyState(), [claim(eve, 700, 700, elsewhere)], 'of a departure to this chain')
  })
})
