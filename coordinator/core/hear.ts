import { type FromNode, type JobId, type Refusal, refusalOf } from '@nexapod/specs'
import type { NodeBook } from './book.ts'
import { deliver } from './deliver.ts'
import { abort, renew } from './leases.ts'
import { greet, part, takeOffer } from './sessions.ts'
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
    case 'offer':
      if (message.offer.node !== node.id) {
        return refusalOf('wire.message', { detail: 'an offer of another' })
      }
      takeOffer(turn, node, message.offer)
      return undefined
    case 'renew':
      renew(turn, node, message.executions)
      return undefined
    case 'ask':
      for (const id of message.jobs) tellJob(turn, node, id)
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

function tellJob(turn: Turn, node: NodeBook, id: JobId): void {
  const book = turn.state.jobs.get(id)
  if (book === undefined) turn.say(node, { type: 'refuse', refusal: refusalOf('job.unknown') })
  else turn.say(node, { type: 'job', job: book.signed })
}
