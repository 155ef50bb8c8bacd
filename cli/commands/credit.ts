import { balanceOf, type Ledger } from '@nexapod/ledger'
import {
  type Account,
  accountSchema,
  accounts,
  type ChainId,
  fromJson,
  type NodeId,
  type OwnerId,
} from '@nexapod/specs'
import { columns, type Desk, print } from '../desk.ts'
import { History, type Stage } from '../sdk/history.ts'
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
  /** The entries that it was counted from, of all chains. */
  readonly size: number
  /** What of it is on each chain: only there it can be spent. */
  readonly chains: readonly {
    readonly chain: ChainId
    readonly balanceMicro: number
    readonly bondedMicro: number
    readonly size: number
  }[]
}

/** What an owner has, counted from the chains that are read and checked here. */
export const balance: Verb = async (given, desk) => {
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, all } = had.value
  // A node that nobody has delegated is its own owner, and may have a bond.
  const credit = creditOf(all.map(readIn), owner, owner as string as NodeId)
  const { chains } = credit
  const rows = chains.map(({ chain, balanceMicro, bondedMicro }) => {
    return [`on ${short(chain)}`, credits(balanceMicro), `${credits(bondedMicro)} bonded`]
  })
  const lines = [wordsOf(credit), ...(chains.length > 1 ? columns(rows) : [])]
  await print(desk, given.form, credit, lines)
  return undefined
}

/** All that came to an owner or left it, each with what became of it. */
export const history: Verb = async (given, desk) => {
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, all } = had.value
  const size = sizeOf(all.map(readIn))
  const moves = all.flatMap(({ read: { chain }, history: { moves: some } }) => {
    return some.map((move) => ({ chain, ...move }))
  })
  moves.sort((one, other) => one.time - other.time)
  const rows = moves.map(({ chain, entry, time, purpose, micro, stage, since, job, unit }) => {
    const where = job === undefined ? '' : `${short(job)}${unit === undefined ? '' : ` ${unit}`}`
    const signed = `${micro < 0 ? '' : '+'}${credits(micro)}`
    const at = since === entry ? stage : `${stage} in ${since}`
    const row = [String(entry), new Date(time).toISOString().slice(0, 16), signed, purpose, where]
    return [...row, at, ...(all.length > 1 ? [short(chain)] : [])]
  })
  const head = ['ENTRY', 'TIME', 'CREDITS', 'FOR', 'JOB UNIT', 'IS']
  const lines = columns([[...head, ...(all.length > 1 ? ['ON CHAIN'] : [])], ...rows])
  await print(desk, given.form, { owner, size, moves }, lines)
  desk.stderr.write(`${sumsOf(all)}, counted from ${size} entries\n`)
  return undefined
}

/** Shows that what an owner has follows from the chains, and who has signed that. */
export const verify: Verb = async (given, desk) => {
  const had = await accountOf(given, desk)
  if ('trouble' in had) return had.trouble
  const { owner, all } = had.value
  const credit = creditOf(all.map(readIn), owner, owner as string as NodeId)
  const moves = all.reduce((sum, one) => sum + one.history.moves.length, 0)
  const proofs = all.map(proofOf)
  const said = { owner, ...credit, moves, proofs: proofs.map(({ said: proof }) => proof) }
  const lines = columns([
    ['verified', `${owner} has ${wordsOf(credit)}`],
    ['moves', `${moves}: ${sumsOf(all)}`],
    ...proofs.flatMap((proof) => proof.lines),
  ])
  await print(desk, given.form, said, lines)
  return undefined
}

/** How what a chain says is shown: that it adds up, and who has signed it. */
function proofOf({ read, history: moved }: Counted) {
  const { ledger, checkpoint, cosignatures } = read
  const electorate = ledger.chain.tip?.governance
  if (electorate === undefined) throw new Error('a chain that was read has a roster')
  let all = 0
  for (const [, { micro }] of ledger.state.balances.entries()) all += micro
  // The ledger refuses an entry that breaks either, so none of this can be false.
  if (all !== 0 || !moved.addsUp(ledger)) throw new Error('the sums of a ledger are not its own')
  const signers = 1 + cosignatures.length
  const { size, root, state, coordinator, time } = checkpoint
  const { members, quorum } = electorate
  return {
    said: { checkpoint, signers, quorum },
    lines: [
      ['chain', `${checkpoint.chain}, each entry folded, each signature in it opened`],
      ['sum', 'over all accounts it is 0: no credit is there that did not come from somewhere'],
      ['checkpoint', `of ${size} entries, ${new Date(time).toISOString()}, by ${coordinator}`],
      ['', `entries ${root}: as they were read here`],
      ['', `state ${state}: as it was counted here`],
      ['quorum', `${signers} of the ${members.length} in the roster signed, ${quorum} must`],
    ],
  }
}

/** A chain, and what it says of an owner. */
interface Counted {
  readonly read: Read
  readonly history: History
}

function readIn({ read }: Counted): Read {
  return read
}

async function accountOf(
  given: Given,
  desk: Desk,
): Promise<Had<{ readonly owner: OwnerId; readonly all: readonly Counted[] }>> {
  const had = await connected(given)
  if ('trouble' in had) return had
  await using connection = had.value
  const owner = given.words[0] ?? connection.publisher
  if (!fromJson(accountSchema, `owner/${owner}`).ok) {
    const next = 'nexapod key show says who you are'
    const why = 'an owner is a key, as 12D3KooW...'
    return { trouble: { exit: exits.usage, what: `${owner} is no owner.`, why, next } }
  }
  const histories = new Map<Ledger, History>()
  const historyOf = (ledger: Ledger) => {
    const known = histories.get(ledger) ?? new History(owner as OwnerId)
    histories.set(ledger, known)
    return known
  }
  const reads = await connection.readAll(desk.signal, (entry, ledger) => {
    historyOf(ledger).seen(entry, ledger)
  })
  if (!reads.ok) return { trouble: troubleOf('The chains cannot be read.', reads.refusal) }
  const all = reads.value.map((read) => ({ read, history: historyOf(read.ledger) }))
  return { value: { owner: owner as OwnerId, all } }
}

function sumsOf(all: readonly Counted[]): string {
  const sum = (stage: Stage) => all.reduce((micro, one) => micro + one.history.sum(stage), 0)
  const more = (['pending', 'bonded'] as const).flatMap((stage) => {
    const micro = sum(stage)
    return micro === 0 ? [] : [`${credits(micro)} ${stage}`]
  })
  return [`${credits(sum('final'))} credits final`, ...more].join(', ')
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
  const reads = await connection.readAll(desk.signal)
  if (!reads.ok) return { trouble: troubleOf('The chains cannot be read.', reads.refusal) }
  const credit = creditOf(reads.value, owner, node)
  return { value: { ...credit, words: `credit ${wordsOf(credit)}` } }
}

function creditOf(reads: readonly Read[], owner: OwnerId, node: NodeId): Credit {
  const account = accounts.owner(owner)
  const chains = reads.map(({ chain, ledger, checkpoint: { size } }) => {
    const balanceMicro = balanceOf(ledger.state, account)
    return { chain, balanceMicro, bondedMicro: balanceOf(ledger.state, accounts.bond(node)), size }
  })
  const balanceMicro = chains.reduce((sum, one) => sum + one.balanceMicro, 0)
  const bondedMicro = chains.reduce((sum, one) => sum + one.bondedMicro, 0)
  return { account, balanceMicro, bondedMicro, size: sizeOf(reads), chains }
}

function sizeOf(reads: readonly Read[]): number {
  return reads.reduce((sum, { checkpoint }) => sum + checkpoint.size, 0)
}

function wordsOf({ balanceMicro, bondedMicro, size, chains }: Credit): string {
  const bonded = bondedMicro === 0 ? '' : `, and ${credits(bondedMicro)} bonded`
  const of = chains.length > 1 ? ` of ${chains.length} chains` : ''
  return `${credits(balanceMicro)} credits${bonded}, counted from ${size} entries${of}`
}

function credits(micro: number): string {
  return (micro / 1e6).toFixed(6)
}
