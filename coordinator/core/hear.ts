import { type FromNode, type JobId, type Refusal, refusalOf } from '@nexapod/specs'
import type { NodeBook } from './book.ts'
import { deliver } from './deliver.ts'
import { abort, renew } from './leases.ts'
import { checkOffer, greet, part, takeOffer } from './sessions.ts'
import { show } from './show.ts'
import type { Turn } from './turn.ts'

/** Takes what a node says, message by message, until it says what has no place there. */
export function hear(turn: Turn, stream: number, messages: readonly FromNode[]): void {
  for (const message of messages) {
    const node = turn.state.streams.get(stream)
    // Nothing that comes after the end of a stream is of interest.
    if (node === undefined) return
    const refusal = node.welcomed ? next(turn, node, message) : first(turn, node, message)
    if (refusal === undefined) continue
    turn.tell({ type: 'refused', node: node.id, refusal })
    turn.sayOn(stream, { type: 'refuse', refusal })
    turn.hangUp(stream, refusal)
    part(turn, stream)
  }
}

function first(turn: Turn, node: NodeBook, message: FromNode): Refusal | undefined {
  if (message.type !== 'hello') return refusalOf('node.unknown')
  return greet(turn, node, message)
}

/** What a node may say after its hello; a refusal ends the stream. */
function next(turn: Turn, node: NodeBook, message: FromNode): Refusal | undefined {
  switch (message.type) {
    case 'hello':
      return refusalOf('wire.message', { detail: 'a second hello' })
    case 'hold':
      show(turn, node, message.leases)
      return undefined
    case 'offer': {
      const refusal = checkOffer(node, message.offer)
      if (refusal !== undefined) return refusal
      takeOffer(turn, node, message.offer)
      return undefined
    }
    case 'renew':
      renew(turn, node, message.executions)
      return undefined
    case 'ask':
      tellJobs(turn, node, message.jobs)
      return undefined
    case 'deliver':
      return deliver(turn, node, message)
    case 'abort':
      abort(turn, node, message)
      return undefined
    case 'alive':
      return undefined
    case 'bye':
      node.leaving = true
      node.left = 0
      turn.state.waiting.delete(node)
      turn.state.asking.delete(node)
      turn.state.changed.add(node.id)
      return undefined
  }
}

/** Tells a node the jobs of its leases, each once in a step: strangers could ask for gigabytes. */
function tellJobs(turn: Turn, node: NodeBook, jobs: readonly JobId[]): void {
  const leased = new Map(Array.from(node.leases, ({ unit }) => [unit.job.id, unit.job]))
  for (const id of new Set(jobs)) {
    const book = leased.get(id)
    if (book !== undefined) turn.tellJob(node, book)
    else turn.say(node, { type: 'refuse', refusal: refusalOf('job.unknown') })
  }
}
