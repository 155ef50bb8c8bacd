import { Threads } from '../threads/threads.ts'

/** The threads in which the chains of others are learnt. */
export function learnerThreads(): Threads {
  return new Threads(new URL('./learner-thread.ts', import.meta.url))
}
