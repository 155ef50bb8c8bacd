import { type Outcome, trial } from './trial.ts'

/** One case for a worker; one that ended a worker is looked at from a child. */
export interface Order {
  readonly base: string
  readonly directory: string
  readonly seed: number
  readonly careful: boolean
}

process.on('message', ({ base, directory, seed, careful }: Order) => {
  void trial(base, directory, seed, careful).then((outcome: Outcome) => process.send?.(outcome))
})
