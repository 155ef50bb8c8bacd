import { limits, newcomersAgreeing } from '@nexapod/specs'
import type { Ballot, JobBook, Unit } from './book.ts'
import { foreignOf } from './elsewhere.ts'
import { sortFew } from './few.ts'
import { isBanned, isOwn, standingOf } from './people.ts'
import { isRarer } from './reputation/wilson.ts'
import type { State } from './state.ts'
import { waitedOf } from './units.ts'
import { isDrawn } from './verdict/draw.ts'
import { isInTurn } from './verdict/turns.ts'
import { hasAnchors, isAnchor, type Terms, type Vote } from './verdict/vote.ts'

/** The chance to be wrong below which one result may be enough. */
const rare = 1e-4

/** The ballots of a unit as votes: what is known of their nodes is so now. */
export function votesOf(state: State, unit: Unit): Vote[] {
  const { ballots } = unit
  const votes: Vote[] = []
  for (const ballot of ballots) {
    if (ballot.says !== undefined) votes.push(voteOf(state, ballot, ballot.says, unit))
  }
  // Of an owner with several, the lowest slot wins.
  return sortFew(votes, bySlot)
}

function bySlot(a: Vote, b: Vote): number {
  return a.slot - b.slot
}

function voteOf(state: State, ballot: Ballot, says: string, { job, ballots }: Unit): Vote {
  const { slot, node, owner, network, platform, referee, round, isVoid } = ballot
  // After a restart it is guessed who failed; whoever brings the same and did not knows better.
  const failed = ballot.failed && allFailed(ballots, says)
  const { vouched, strikes } = standingOf(state, node, job.kind)
  const foreign = foreignOf(state, node, job.kind)
  const own = isOwn(state, owner)
  const standing = isBanned(state, owner) ? 'banned' : isVoid ? 'void' : 'good'
  return {
    slot,
    node,
    owner,
    network,
    platform,
    says,
    failed,
    vouched,
    // Who was wrong here is believed by what it shows here.
    elsewhere: strikes === 0 ? foreign.vouched : 0,
    strikes: Math.max(strikes, foreign.strikes),
    own,
    referee,
    round,
    standing,
  }
}

function allFailed(ballots: readonly Ballot[], saying: string): boolean {
  return ballots.every(({ failed, says }) => failed || says !== saying)
}

/** How a unit is to be decided, as things stand. */
export function termsOf(state: State, unit: Unit, votes: readonly Vote[], at: number): Terms {
  const { census, sinceBan, ledger } = state
  const { job } = unit
  const rates = ledger.chain.tip?.governance.rates
  const audited = rates?.auditPermille ?? 0
  const waited = waitedOf(unit, at)
  const deserted = waited >= limits.desertedMs && isDeserted(state, unit)
  const patience = deserted ? limits.desertedMs : limits.stillMs
  const alone = waited >= patience
  // It fits no anchor: strangers decide it alone, and a referee would be one more of them.
  const unwatched = alone && unit.rounds === 0 && !votes.some(isAnchor) && isWatched(state, job)
  // For whom nobody came in all this time, nobody is there but those who have voted.
  const good = alone ? votes.filter(({ standing }) => standing === 'good') : undefined
  const anchors = good?.filter(isAnchor).length ?? census.anchors[job.kind]
  const own = good?.filter(({ own }) => own).length ?? census.own[job.kind]
  return {
    anchors,
    own,
    owners: ownersOf(state, job),
    apart: rates?.apart ?? 'networks',
    replicas: job.job.replicas,
    // Where everybody has voted, nobody is left to look: then it is not audited.
    audit: waited < 2 * patience && !unwatched && isAudited(state, unit, audited),
    again: unit.rounds > 0,
    unjudged: waited >= limits.stillMs && !hasAnchors({ anchors, own }),
    inTurn: sinceBan !== undefined && isInTurn(sinceBan, audited),
    // So many do not vouch for each other.
    newcomers: unwatched ? newcomersAgreeing - 1 : undefined,
    platforms: alone ? noPlatform : platformsFor(state, unit),
  }
}

/** Whether all owners who are there have voted: nobody can come but who is not there yet. */
function isDeserted({ census }: State, { ballots }: Unit): boolean {
  if (ballots.length === 0) return false
  return !census.hasOther(new Set(ballots.map(({ owner }) => owner)))
}

/** How many executions a unit takes if all agree, anchors among them. */
export function executionsFor(state: State, unit: Unit): number {
  const agreeing = agreeingOn(state, unit.job)
  const audited = state.ledger.chain.tip?.governance.rates.auditPermille ?? 0
  return agreeing + (isAudited(state, unit, audited) ? 1 : 0)
}

/** How many executions decide a unit that is not audited, if all agree. */
export function agreeingOn(state: State, job: Pick<JobBook, 'job' | 'kind'>): number {
  return job.job.replicas?.quorum ?? ownersOf(state, job)
}

/** Whether anchors are there, whatever they can be asked. */
function isWatched({ census }: State, { kind }: JobBook): boolean {
  return census.anchors[kind] + census.own[kind] > 0
}

/** Whether a unit is drawn for an audit, looked up once for each seed. */
function isAudited({ seed }: State, unit: Unit, permille: number): boolean {
  if (unit.drawn?.by !== seed) {
    unit.drawn = { by: seed, is: isDrawn(seed, unit.job.id, unit.number, permille) }
  }
  return unit.drawn.is
}

/** Two owners for science; one where a wrong result would be seen, or is rarer than any other. */
function ownersOf({ measured }: State, { job, kind }: Pick<JobBook, 'job' | 'kind'>): number {
  if (job.compare.some(({ type }) => type === 'checker')) return 1
  const { audited, wrong } = measured[kind]
  return isRarer(wrong, audited, rare) ? 1 : 2
}

const noPlatform: ReadonlySet<string> = new Set()

/** Platforms that somebody has who did not vote yet, but for those that were put aside. */
function platformsFor({ census }: State, { ballots, job }: Unit): ReadonlySet<string> {
  const [first] = ballots
  // Nearly always all say the same, and then nobody is asked for a platform.
  if (ballots.every(({ says }) => says === first?.says)) return census.platforms
  return new Set(
    [...census.platforms].filter((platform) => {
      const voted = ballots.filter((ballot) => ballot.platform === platform).length
      return !job.platforms.aside.has(platform) && census.on(platform) > voted
    }),
  )
}
