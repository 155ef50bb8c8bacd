import { serveThread } from '../threads.ts'
import { Counter } from './counter.ts'

/** The program of threads that count. */
serveThread(() => new Counter())
