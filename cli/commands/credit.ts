import { balanceOf } from '@nexapod/ledger'
import {
  type Account,
  accountSchema,
  accounts,
  fromJson,
  type NodeId,
  type OwnerId,
} from '@nexapod/specs'
import { columns, type Desk, print } from '../desk.ts'
import { History } from '../sdk/history.ts'
import type { Read } from '../sdk/verified.ts'
import { exits, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had } from './joined.ts'
import { short } from './published.ts'

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
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, read } = had.value
  // A node that nobody has delegated is its own owner, and may have a bond.
  const credit = creditOf(read, owner, owner as string as NodeId)
  await print(desk, given.form, credit, [wordsOf(credit)])
  return undefined
}

/** All that came to an owner or left it, each with what became of it. */
export const history: Verb = async (given, desk) => {
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, read, history: moved } = had.value
  const { size } = read.checkpoint
  const rows = moved.moves.map(({ entry, time, purpose, micro, stage, since, job, unit }) => {
    const where = job === undefined ? '' : `${short(job)}${unit === undefined ? '' : ` ${unit}`}`
    const signed = `${micro < 0 ? '' : '+'}${credits(micro)}`
    const at = since === entry ? stage : `${stage} in ${since}`
    return [String(entry), new Date(time).toISOString().slice(0, 16), signed, purpose, where, at]
  })
  const lines = columns([['ENTRY', 'TIME', 'CREDITS', 'FOR', 'JOB UNIT', 'IS'], ...rows])
  await print(desk, given.form, { owner, size, moves: moved.moves }, lines)
  desk.stderr.write(`${sumsOf(moved)}, counted from ${size} entries\n`)
  return undefined
}

/** Shows that what an owner has follows from the chain, and who has signed that. */
export const verify: Verb = async (given, desk) => {
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, read, history: moved } = had.value
  const { ledger, checkpoint, cosignatures } = read
  const credit = creditOf(read, owner, owner as string as NodeId)
  const electorate = ledger.chain.tip?.governance
  if (electorate === undefined) throw new Error('a chain that was read has a roster')
  let all = 0
  for (const [, { micro }] of ledger.state.balances.entries()) all += micro
  // The ledger refuses an entry that breaks either, so none of this can be false.
  if (all !== 0 || !moved.addsUp(ledger)) throw new Error('the sums of a ledger are not its own')
  const signers = 1 + cosignatures.length
  const { size, root, state, coordinator, time } = checkpoint
  const { members, quorum } = electorate
  const said = { owner, ...credit, moves: moved.moves.length, checkpoint, signers, quorum }
  const lines = columns([
    ['verified', `${owner} has ${wordsOf(credit)}`],
    ['moves', `${moved.moves.length}: ${sumsOf(moved)}`],
    ['chain', `${checkpoint.chain}, each entry folded, each signature in it opened`],
    ['sum', 'over all accounts it is 0: no credit is there that did not come from somewhere'],
    ['checkpoint', `of ${size} entries, ${new Date(time).toISOString()}, by ${coordinator}`],
    ['', `entries ${root}: as they were read here`],
    ['', `state ${state}: as it was counted here`],
    ['quorum', `${signers} of the ${members.length} in the roster signed, ${quorum} must`],
  ])
  await print(desk, given.form, said, lines)
  return undefined
}

/** What an owner has, how it came to that, and the chain that says so. */
interface Of {
  readonly owner: OwnerId
  readonly read: Read
  readonly history: History
}

async function accountOf(given: Given, desk: Desk): Promise<Had<Of>> {
  const had = await connected(given)
  if ('trouble' in had) return had
  await using connection = had.value
  const owner = given.words[0] ?? connection.publisher
  if (!fromJson(accountSchema, `owner/${owner}`).ok) {
    const next = 'nexapod key show says who you are'
    const why = 'an owner is a key, as 12D3KooW...'
    return { trouble: { exit: exits.usage, what: `${owner} is no owner.`, why, next } }
  }
  const moved = new History(owner as OwnerId)
  const read = await connection.read(desk.signal, (entry, ledger) => moved.seen(entry, ledger))
  if (!read.ok) return { trouble: troubleOf('The chain cannot be read.', read.refusal) }
  return { value: { owner: owner as OwnerId, read: read.value, history: moved } }
}

function sumsOf(moved: History): string {
  const more = (['pending', 'bonded'] as const).flatMap((stage) => {
    const micro = moved.sum(stage)
    return micro === 0 ? [] : [`${credits(micro)} ${stage}`]
  })
  return [`${credits(moved.sum('final'))} credits final`, ...more].join(', ')
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
