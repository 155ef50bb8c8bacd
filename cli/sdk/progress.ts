import { machineClock, waited } from '@nexapod/mesh'
import { type Answer, accept, blame, type JobId } from '@nexapod/specs'
import type { Callers } from './callers.ts'

/** How far a job is. */
export interface Progress {
  readonly units: number
  readonly accepted: number
  readonly dead: number
  /** The entry that ended it, if it has ended. */
  readonly ended?: number
}

/** How often it is asked: a person sees no more. */
const pollMs = 250

/**
 * How far a job is, each time that it is further, until it has ended. Whoever asks a coordinator
 * that is away for a while asks on.
 */
export async function* progressOf(
  callers: Callers,
  job: JobId,
  signal: AbortSignal,
): AsyncGenerator<Answer<Progress>> {
  const home = await callers.homeOf(job, signal)
  if (!home.ok) {
    yield home
    return
  }
  let last = ''
  do {
    const said = await callers.ask(home.value.coordinator, { type: 'job', job }, signal)
    if (!said.ok) {
      if (blame(said.refusal) === 'later') continue
      yield said
      return
    }
    const { type: _, ...progress } = said.value
    const now = JSON.stringify(progress)
    if (now !== last) yield accept(progress)
    last = now
    if (progress.ended !== undefined) return
  } while (await waited(machineClock, pollMs, signal))
  signal.throwIfAborted()
}
