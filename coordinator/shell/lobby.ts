import type { Hearer } from '@nexapod/mesh'
import type { Answer, ChainId, FromNode } from '@nexapod/specs'
import type { WorkChannel } from './home/desk.ts'

/** Whoever takes in the stream of a node. */
export type Opened = (channel: WorkChannel) => void

/** Hears the first frame of a stream, and gives the stream to the home of the chain it names. */
export function received(
  channel: WorkChannel,
  homeOf: (chain: ChainId | undefined) => Answer<Opened>,
): void {
  let hearer: Hearer<FromNode> | undefined
  channel.listen({
    heard: (messages) => {
      if (hearer === undefined) {
        const [first] = messages
        const home = homeOf(first?.type === 'hello' ? first.chain : undefined)
        if (!home.ok) {
          channel.refuse(home.refusal)
          return
        }
        home.value({
          listen: (taking) => {
            hearer = taking
          },
          say: (said) => channel.say(said),
          pause: () => channel.pause(),
          resume: () => channel.resume(),
          close: () => channel.close(),
          refuse: (refusal) => channel.refuse(refusal),
        })
      }
      // Who took nothing in has refused it.
      hearer?.heard(messages)
    },
    drained: () => hearer?.drained(),
    ended: () => {
      if (hearer === undefined) channel.close()
      else hearer.ended()
    },
    closed: (refusal) => hearer?.closed(refusal),
  })
}
