import type { Fact } from '../../specs/index.ts'
import type { Book, KnownUnit } from './book.ts'

/** What happened in an entry, in words that can be counted: its facts, and what came of them. */
export function happenings(facts: readonly Fact[], before: Book, after: Book): string[] {
  const units = [...after.units].flatMap(([key, unit]) => ofUnit(before.units.get(key), unit))
  const bans = [...after.bans.keys()].filter((owner) => !before.bans.has(owner))
  const forgiven = [...after.reputations].filter(([key, { strikes }]) => {
    return strikes < (before.reputations.get(key)?.strikes ?? 0)
  })
  return [
    ...facts.map((fact) => nameOf(fact, after)),
    ...units,
    ...bans.map(() => 'an owner is banned'),
    ...forgiven.map(() => 'a strike is forgiven'),
  ]
}

function nameOf(fact: Fact, { bans, jobs, transfers, units }: Book): string {
  if (fact.type === 'verdict') return `verdict, ${fact.decided.type}`
  if (fact.type === 'reopen') {
    const { executor, funded } = jobs.get(fact.job) ?? {}
    return `reopen, ${executor?.type === 'docker' && funded ? 'metered' : 'earned'}`
  }
  if (fact.type !== 'transfer') return fact.type
  const { purpose, to } = fact
  if (purpose.type !== 'settle') return purpose.type
  const of = transfers.get(purpose.of)?.purpose
  if (of?.type === 'earn' && (to === 'mint' || to.startsWith('escrow/'))) {
    const votes = units.get(`${of.job}/${of.unit}`)?.votes ?? []
    const won = votes.some((vote) => vote.slot === of.slot && vote.wins && bans.has(vote.owner))
    if (won) return 'settle, earn of a winner who is banned'
  }
  return `settle, ${of?.type} to ${to.split('/')[0]}`
}

/** What came of the votes that there were before a verdict. */
function ofUnit(was: KnownUnit | undefined, { decided, votes }: KnownUnit): string[] {
  if (was === undefined || decided === undefined || was.decided === decided) return []
  if (votes.length === 0) return was.votes.length === 0 ? [] : ['a unit is given up again']
  const changes = was.votes.map((old) => {
    const now = votes.find((vote) => vote.slot === old.slot)
    if (old.wins === now?.wins) return undefined
    if (old.wins) return 'a winner does not win again'
    return old.passed ? 'a winner of before wins again' : 'a vote wins that did not'
  })
  return changes.filter((change) => change !== undefined)
}
