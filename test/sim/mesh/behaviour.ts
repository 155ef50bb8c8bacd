import type { News } from '../../../node/index.ts'
import type { CoordinatorId, FromCoordinator, FromNode, Job, JobId } from '../../../specs/index.ts'
import type { Variant } from './results.ts'

/** What a unit is, to whoever decides what it gives. */
export interface Task {
  readonly key: string
  readonly id: JobId
  readonly job: Job
  readonly unit: number
}

/** What a machine's owner made of it: an honest one leaves everything as it is. */
export interface Behaviour {
  /** How long an execution takes; undefined if it never ends. */
  lastsMs(task: Task): number | undefined
  /** What it gives; undefined if it fails on this machine. */
  gives(task: Task): Variant | undefined
  /** What is really said in the place of what the core wants to say. */
  says(to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[]
  /** It hears something that the core hears too. */
  hears(from: CoordinatorId, messages: readonly FromCoordinator[]): void
  /** It learns what the core tells its owner. */
  told(news: News): void
}
