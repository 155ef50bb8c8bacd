import { type Mode, type Outcome, trial } from './trial.ts'

/** One case for a worker. */
export interface Order {
  readonly base: string
  readonly directory: string
  readonly seed: number
  readonly mode: Mode
}

process.on('message', ({ base, directory, seed, mode }: Order) => {
  void trial(base, directory, seed, mode).then((outcome: Outcome) => process.send?.(outcome))
})
