import { balanceOf, certifyBalance } from '@nexapod/ledger'
import {
  type Account,
  type Answer,
  accept,
  accounts,
  certificateSchema,
  encode,
} from '@nexapod/specs'
import type { Connection } from '../sdk/connect.ts'
import type { Read } from '../sdk/verified.ts'
import type { Lent } from './mesh.ts'

/** What came to the owner of a node, and where it is. */
export interface Earned extends Lent {
  readonly micro: number
  readonly account: Account
}

/** What the chain says that each has: in its owner's account, or kept as a newcomer's bond. */
export async function accountsOf(
  connection: Connection,
  lent: readonly Lent[],
): Promise<Answer<{ readonly read: Read; readonly earned: readonly Earned[] }>> {
  const read = await connection.read(AbortSignal.timeout(30_000))
  if (!read.ok) return read
  const { state } = read.value.ledger
  const earned = lent.map((one): Earned => {
    const own = accounts.owner(one.id)
    const bond = accounts.bond(one.node)
    const [owned, bonded] = [balanceOf(state, own), balanceOf(state, bond)]
    return { ...one, micro: owned + bonded, account: owned > 0 ? own : bond }
  })
  return accept({ read: read.value, earned })
}

/** A file that proves a balance, and one of the roster that it is checked with. */
export function certify({ ledger, signed, cosignatures }: Read, { account }: Earned) {
  const cosigned = { checkpoint: signed, cosignatures }
  const certificate = certifyBalance(ledger.state, account, cosigned)
  const governance = ledger.chain.tip?.governance
  if (certificate === undefined || governance === undefined) return undefined
  const { mesh, revision, members, quorum } = governance
  return {
    certificate: encode(certificateSchema, certificate),
    roster: `${JSON.stringify({ mesh, revision, members, quorum }, null, 2)}\n`,
  }
}
