import { type Caller, type Hearer, throwing } from '@nexapod/mesh'
import type { Answer, ChainId, FromNode, NodeId } from '@nexapod/specs'
import type { Elsewhere } from '../core/event.ts'
import type { WorkChannel } from './home/desk.ts'

/** Whoever takes in the stream of a node, with what other chains say of it. */
export interface Host {
  readonly abroad: { said(node: NodeId): Promise<readonly Elsewhere[]> }
  opened(channel: WorkChannel, caller: Caller, elsewhere: readonly Elsewhere[]): void
}

/**
 * Hears the first frame of a stream, and gives the stream to the home of the chain it names. It is
 * not read on until the other chains have said what they know of the node.
 */
export function received(
  channel: WorkChannel,
  caller: Caller,
  homeOf: (chain: ChainId | undefined) => Answer<Host>,
): void {
  let hearer: Hearer<FromNode> | undefined
  let isOver = false
  const give = async (home: Host, messages: readonly FromNode[]) => {
    channel.pause()
    const elsewhere = await home.abroad.said(caller.peer as string as NodeId)
    if (isOver) return
    channel.resume()
    const given: WorkChannel = {
      listen: (taking) => {
        hearer = taking
      },
      say: (said) => channel.say(said),
      pause: () => channel.pause(),
      resume: () => channel.resume(),
      close: () => channel.close(),
      refuse: (refusal) => channel.refuse(refusal),
    }
    home.opened(given, caller, elsewhere)
    // Who took nothing in has refused it.
    hearer?.heard(messages)
  }
  channel.listen({
    heard: (messages) => {
      if (hearer !== undefined) return hearer.heard(messages)
      const [first] = messages
      const home = homeOf(first?.type === 'hello' ? first.chain : undefined)
      if (home.ok) throwing(give(home.value, messages))
      else channel.refuse(home.refusal)
    },
    drained: () => hearer?.drained(),
    ended: () => {
      if (hearer === undefined) channel.close()
      else hearer.ended()
    },
    closed: (refusal) => {
      isOver = true
      hearer?.closed(refusal)
    },
  })
}
