import { balanceOf } from '@nexapod/ledger'
import {
  type Account,
  accountSchema,
  accounts,
  fromJson,
  type NodeId,
  type OwnerId,
} from '@nexapod/specs'
import { type Desk, print } from '../desk.ts'
import { exits, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had } from './joined.ts'

/** What is somebody's: what can be spent, and what is kept until its node has shown itself. */
interface Credit {
  readonly account: Account
  readonly balanceMicro: number
  readonly bondedMicro: number
  /** The entries of the chain that it was counted from. */
  readonly size: number
}

/** What an owner has, counted from the chain that is read and checked here. */
export const balance: Verb = async (given, desk) => {
  const [said] = given.words
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const owner = said ?? connection.publisher
  if (!fromJson(accountSchema, `owner/${owner}`).ok) {
    const next = 'nexapod key show says who you are'
    const why = 'an owner is a key, as 12D3KooW...'
    return { exit: exits.usage, what: `${owner} is no owner.`, why, next }
  }
  // A node that nobody has delegated is its own owner, and may have a bond.
  const read = await connection.read(desk.signal)
  if (!read.ok) return troubleOf('The chain cannot be read.', read.refusal)
  const credit = creditOf(read.value, owner as OwnerId, owner as string as NodeId)
  await print(desk, given.form, credit, [wordsOf(credit)])
  return undefined
}

/** What the owner of a node has, with the bond of that node. */
export async function earnedBy(
  { node, owner }: { readonly node: NodeId; readonly owner: OwnerId },
  given: Given,
  desk: Desk,
): Promise<Had<Credit & { readonly words: string }>> {
  const had = await connected(given)
  if ('trouble' in had) return had
  await using connection = had.value
  const read = await connection.read(desk.signal)
  if (!read.ok) return { trouble: troubleOf('The chain cannot be read.', read.refusal) }
  const credit = creditOf(read.value, owner, node)
  return { value: { ...credit, words: `credit ${wordsOf(credit)}` } }
}

type Read = Extract<
  Awaited<ReturnType<import('../sdk/connect.ts').Connection['read']>>,
  { readonly ok: true }
>['value']

function creditOf({ ledger, checkpoint }: Read, owner: OwnerId, node: NodeId): Credit {
  const account = accounts.owner(owner)
  return {
    account,
    balanceMicro: balanceOf(ledger.state, account),
    bondedMicro: balanceOf(ledger.state, accounts.bond(node)),
    size: checkpoint.size,
  }
}

function wordsOf({ balanceMicro, bondedMicro, size }: Credit): string {
  const bonded = bondedMicro === 0 ? '' : `, and ${credits(bondedMicro)} bonded`
  return `${credits(balanceMicro)} credits${bonded}, counted from ${size} entries`
}

function credits(micro: number): string {
  return (micro / 1e6).toFixed(6)
}
