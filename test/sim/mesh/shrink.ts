import { type Outcome, runWorld } from './outcome.ts'
import { profileOf, type Switch, type Told } from './profile.ts'

/** How long a world may be cut to. */
const minutesMin = 1

/** Finds the smallest world of a seed that fails alike: with fewer in it, and in less time. */
export function shrink(seed: number, told: Told, tried: (told: Told) => void = () => {}): Outcome {
  let without = new Set<Switch>(told.without)
  let { minutes, jobs } = profileOf(seed, told)
  let failing = runWorld(seed, { without, minutes, jobs })
  if (failing.failure === undefined) throw new Error(`seed ${seed} does not fail`)
  const kind = kindOf(failing)
  const still = (less: Told): boolean => {
    tried(less)
    const outcome = runWorld(seed, less)
    if (outcome.failure === undefined || kindOf(outcome) !== kind) return false
    failing = outcome
    return true
  }
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const one of profileOf(seed, { without }).switches) {
      const fewer = new Set([...without, one])
      if (!still({ without: fewer, minutes, jobs })) continue
      without = fewer
      isSmaller = true
    }
    while (jobs > 1 && still({ without, minutes, jobs: jobs - 1 })) {
      jobs--
      isSmaller = true
    }
    while (minutes > minutesMin && still({ without, minutes: minutes - 1, jobs })) {
      minutes--
      isSmaller = true
    }
  }
  return failing
}

/** What was violated, whoever did it: another violation is another search. */
function kindOf({ failure }: Outcome): string | undefined {
  const [first] = failure?.what.split('\n') ?? []
  return first?.replaceAll(/[0-9]+/g, '')
}
