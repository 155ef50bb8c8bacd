import type { Happening } from '../audit/happening.ts'

/** How many seconds the pulse shows. */
export const spanSeconds = 120

/** How many lines the ticker shows. */
const linesMax = 40

/** What was decided within one second. */
interface Beat {
  readonly second: number
  agreed: number
  struck: number
}

type Verdict = Happening & { readonly type: 'verdict' }

/** What happens on the chain: the beats of the last two minutes, and the last verdicts. */
class Pulse {
  beats = $state<readonly Beat[]>([])
  lines = $state<readonly (Happening & { readonly key: number })[]>([])
  /** Verdicts that came while the ticker was paused. */
  held = $state(0)
  paused = $state(false)
  agreed = $state(0)
  #holding: (Happening & { readonly key: number })[] = []
  #key = 0
  readonly #began = Date.now()

  take(happenings: readonly Happening[], isLive: boolean): void {
    const now = Date.now()
    const beats = new Map(this.beats.map((beat) => [beat.second, { ...beat }]))
    for (const one of happenings) {
      if (one.type !== 'verdict') continue
      const second = Math.floor((isLive ? now : one.time) / 1000)
      const beat = beats.get(second) ?? { second, agreed: 0, struck: 0 }
      beats.set(second, count(beat, one))
      if (isLive && one.decided === 'accepted') this.agreed++
    }
    const first = now / 1000 - spanSeconds
    this.beats = [...beats.values()].filter(({ second }) => second >= first)
    this.#show(happenings.map((one) => ({ ...one, key: ++this.#key })))
  }

  /** Verdicts a second, over the last minute or as long as somebody looks. */
  rate(now: number): number {
    const first = Math.floor(now / 1000) - 60
    const agreed = this.beats.reduce((sum, beat) => {
      return sum + (beat.second > first ? beat.agreed : 0)
    }, 0)
    const oldest = this.beats[0]?.second ?? first
    const seen = Math.max(now / 1000 - Math.min(this.#began / 1000, oldest), 5)
    return agreed / Math.min(60, seen)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.held = 0
    const held = this.#holding
    this.#holding = []
    this.#show(held)
  }

  #show(lines: (Happening & { readonly key: number })[]): void {
    if (this.paused) {
      this.#holding = [...this.#holding, ...lines].slice(-linesMax)
      this.held += lines.length
      return
    }
    this.lines = [...lines.reverse(), ...this.lines].slice(0, linesMax)
  }
}

function count(beat: Beat, { decided, struck }: Verdict): Beat {
  const agreed = beat.agreed + (decided === 'accepted' ? 1 : 0)
  return { ...beat, agreed, struck: beat.struck + struck }
}

/** The pulse of this page. */
export const pulse = new Pulse()
