import { learnChanges } from './amending.ts'
import { answerCall } from './calls.ts'
import { noteOver } from './claims.ts'
import { closeJob } from './closing.ts'
import { compared } from './comparing.ts'
import { cover } from './covered.ts'
import type { Effect } from './effect.ts'
import { banElsewhere, noteElsewhere } from './elsewhere.ts'
import { settleEnds } from './ends.ts'
import type { Event, Moment } from './event.ts'
import { hear } from './hear.ts'
import { expire } from './leases.ts'
import { meter } from './meter.ts'
import { review, rule } from './ruling.ts'
import { drain, turnSeed } from './seed.ts'
import { serve } from './serve.ts'
import { changedNode, meet, part } from './sessions.ts'
import { settleBonds, settleCredit } from './settle.ts'
import type { Due, State } from './state.ts'
import { Turn } from './turn.ts'

/** Changes the state by what happened in one moment, and says what is to be done about it. */
export function step(state: State, moment: Moment, events: readonly Event[]): readonly Effect[] {
  if (moment.at < state.at) throw new Error(`time went back from ${state.at} to ${moment.at}`)
  state.at = moment.at
  const turn = new Turn(state, moment)
  for (const event of events) take(turn, event)
  settle(turn)
  return turn.end()
}

/** Units that are ruled on in one step, at most: a ban may bring thousands of them. */
const ruledMax = 1024

/** Does all that is due and follows from it. */
export function settle(turn: Turn): void {
  const { state } = turn
  turnSeed(turn)
  for (let due = state.timers.due(turn.at); due; due = state.timers.due(turn.at)) come(turn, due)
  let ruled = 0
  do {
    for (const unit of state.toRule) {
      if (ruled++ >= ruledMax) break
      state.toRule.delete(unit)
      rule(turn, unit)
    }
    for (const node of state.changed) {
      state.changed.delete(node)
      settleBonds(turn, node)
      changedNode(turn, node)
    }
    serve(turn)
  } while (state.toRule.size > 0 && ruled < ruledMax)
  settleCredit(turn)
  settleEnds(turn)
  if (state.toRule.size + state.changed.size > 0) turn.wake(turn.at)
}

function take(turn: Turn, event: Event): void {
  const { state } = turn
  switch (event.type) {
    case 'tick':
      break
    case 'opened':
      meet(turn, event.stream, event.node, event.network)
      noteElsewhere(turn, event.node, event.elsewhere)
      break
    case 'banned':
      banElsewhere(turn, event.owners)
      break
    case 'over':
      noteOver(turn, event)
      break
    case 'heard':
      hear(turn, event.stream, event.messages)
      break
    case 'closed':
      part(turn, event.stream)
      break
    case 'asked':
      answerCall(turn, event.call, event.question)
      break
    case 'cosigned':
      cover(turn, event)
      break
    case 'compared': {
      const unit = state.jobs.get(event.job)?.units.get(event.unit)
      if (unit !== undefined) compared(turn, unit, event)
      break
    }
    case 'amended':
      learnChanges(turn, event.changes)
      break
    case 'drain':
      state.isOut = false
      drain(turn)
  }
}

function come(turn: Turn, due: Due): void {
  const { state } = turn
  switch (due.type) {
    case 'lease':
      expire(turn, due.live)
      break
    case 'meter':
      if (!meter(turn, due.live)) closeJob(turn, due.live.unit.job, 'starved')
      break
    case 'waiting':
      review(turn, due.unit, due.since)
      break
    case 'passed':
      if (due.unit.stage === 'open') state.toRule.add(due.unit)
      break
    case 'deadline':
      if (state.jobs.get(due.job.id) === due.job) closeJob(turn, due.job, 'deadline')
  }
}
