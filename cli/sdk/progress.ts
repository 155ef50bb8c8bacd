import { machineClock, waited } from '@nexapod/mesh'
import { type Answer, accept, blame, type JobId, limits, type Refusal } from '@nexapod/specs'
import type { Callers, Home } from './callers.ts'

/** How far a job is. */
export interface Progress {
  readonly units: number
  readonly accepted: number
  readonly dead: number
  /** The entry that ended it, if it has ended. */
  readonly ended?: number
}

/** How a job is followed. */
export interface Following {
  readonly signal: AbortSignal
  /** How long it is looked for where nobody knows of it, or nobody is there: once, if it is 0. */
  readonly patienceMs: number
  /** Whoever writes its chain now does not know it: it may be said there again. */
  lost?(home: Home): Promise<void>
}

/** How often it is asked: a person sees no more. */
const pollMs = 250

/** Who writes the chain of a job now, and how far the job is. */
export async function farOf(
  callers: Callers,
  job: JobId,
  before: Home | undefined,
  signal: AbortSignal,
): Promise<{ readonly home?: Home; readonly said: Answer<Progress> }> {
  const found = before === undefined ? await callers.homeOf(job, signal) : accept(before)
  if (!found.ok) return { said: found }
  const home = found.value
  const said = await callers.askSoon(home.coordinator, { type: 'job', job }, signal)
  if (!said.ok) return { home, said }
  const { type: _, chain, ...progress } = said.value
  callers.learn(job, chain)
  return { home, said: accept(progress) }
}

/**
 * How far a job is, each time that it is further, until it has ended. Whoever asks a coordinator
 * that is away asks on: it comes back, or another goes on with its chain and is asked from then on.
 */
export async function* progressOf(
  callers: Callers,
  job: JobId,
  { signal, patienceMs, lost }: Following,
): AsyncGenerator<Answer<Progress>> {
  let home: Home | undefined
  let last = ''
  let seenAt = machineClock.now()
  do {
    const far = await farOf(callers, job, home, signal)
    const { said } = far
    home = said.ok ? far.home : undefined
    if (said.ok) {
      seenAt = machineClock.now()
      const now = JSON.stringify(said.value)
      if (now !== last) yield said
      last = now
      if (said.value.ended !== undefined) return
    } else {
      if (far.home !== undefined && said.refusal.code === 'job.unknown') await lost?.(far.home)
      const isOver = machineClock.now() >= seenAt + patienceMs
      if (isOver && isFinal(said.refusal, last)) {
        yield said
        return
      }
    }
  } while (await waited(machineClock, home === undefined ? limits.pauseMs : pollMs, signal))
  signal.throwIfAborted()
}

/** Whether nothing is to be waited for: what was seen once is somewhere, while nobody is there. */
function isFinal(refusal: Refusal, last: string): boolean {
  return last === '' || blame(refusal) === 'theirs'
}
