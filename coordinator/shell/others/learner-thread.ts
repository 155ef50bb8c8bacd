import { serveThread } from '../threads/threads.ts'
import { Learner } from './learner.ts'

/** The program of the threads that learn the chains of others. */
serveThread(() => new Learner())
