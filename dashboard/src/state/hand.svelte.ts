import type { Asked, Told as Message, Mine, Progress, Tried, Verbs, View } from '../publish/told.ts'
import Hand from '../publish/worker.ts?worker'
import { base } from './audit.svelte.ts'
import { me, pin } from './me.svelte.ts'

/** What the worker that holds the key tells: it is loaded by the first page that needs it. */
class Told {
  progress = $state.raw<Progress | undefined>()
  view = $state.raw<View | undefined>()
  /** The key of this browser, if it holds one; nothing as long as nobody has looked. */
  mine = $state.raw<Tried<Mine | undefined> | undefined>()
  /** What broke, if it did: nothing is answered from then on. */
  broken = $state<string | undefined>()
}

/** What the worker of this page has told. */
export const hand = new Told()

let worker: Worker | undefined
const waiting = new Map<number, (said: never) => void>()
let asked = 0

/** Asks the worker for something. */
export function call<V extends keyof Verbs>(
  verb: V,
  ...given: Parameters<Verbs[V]>
): ReturnType<Verbs[V]> {
  worker ??= begin()
  const id = ++asked
  const question: Asked = { id, verb, given: given[0] }
  worker.postMessage(question)
  const said = new Promise((resolve) => waiting.set(id, resolve))
  return said as ReturnType<Verbs[V]>
}

/** Looks up which key this browser holds. */
export async function lookForKey(): Promise<void> {
  hand.mine = await call('mine')
  const id = hand.mine.ok ? hand.mine.value?.id : undefined
  // Who holds the key of an owner is that owner, unless somebody said otherwise.
  if (id !== undefined && me.id === undefined) pin(id)
}

function begin(): Worker {
  const begun = new Hand()
  begun.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.type === 'progress') hand.progress = data.progress
    else if (data.type === 'view') hand.view = data.view
    else {
      waiting.get(data.id)?.(data.said as never)
      waiting.delete(data.id)
    }
  }
  begun.onerror = ({ message }) => {
    hand.broken = message
  }
  const first: Asked = { id: 0, verb: 'begin', given: base }
  begun.postMessage(first)
  return begun
}
