/** How often it is looked what each has used: as long as one goes on at least. */
const lookMs = 50
/** What is caught up of a share that others have taken: a moment of it, and no burst. */
const creditMsMax = 250

/** What can be made to stand still. */
export interface Braked {
  stop(): void
  go(): void
  /** What it has used of processors, where the system tells. */
  cpuMs(): number | undefined
}

interface Account {
  /** What it may still use; below nothing it stands still. */
  creditMs: number
  cpuMs: number | undefined
  goes: boolean
}

/**
 * Lets children stand still: those that are frozen for as long as they are, all others whenever
 * they have used their share of a core. What they use is asked of the system, so that no thread of
 * theirs is forgotten; where it does not tell, whoever goes is taken to use all of a core.
 */
export class Brake {
  readonly #all = new Map<Braked, Account>()
  readonly #frozen = new Set<Braked>()
  #percent = 100
  #turn: NodeJS.Timeout | undefined
  #lookedAt = 0

  add(one: Braked): void {
    this.#all.set(one, { creditMs: 0, cpuMs: one.cpuMs(), goes: true })
  }

  remove(one: Braked): void {
    this.#all.delete(one)
    this.#frozen.delete(one)
  }

  freeze(one: Braked): void {
    this.#frozen.add(one)
    one.stop()
  }

  thaw(one: Braked): void {
    this.#frozen.delete(one)
    const account = this.#all.get(one)
    if (account !== undefined) account.goes = true
    one.go()
  }

  /** Gives each this share of a core, in whole percents. */
  pace(percent: number): void {
    this.#percent = Math.min(100, Math.max(1, percent))
    this.close()
    if (this.#percent === 100) return
    this.#lookedAt = performance.now()
    for (const [one, account] of this.#all) {
      Object.assign(account, { creditMs: 0, cpuMs: one.cpuMs(), goes: true })
    }
    this.#turn = setInterval(() => this.#look(), lookMs)
  }

  close(): void {
    clearInterval(this.#turn)
    for (const one of this.#all.keys()) if (!this.#frozen.has(one)) one.go()
  }

  #look(): void {
    const now = performance.now()
    const tookMs = now - this.#lookedAt
    this.#lookedAt = now
    for (const [one, account] of this.#all) {
      const cpuMs = one.cpuMs()
      const guessed = account.goes ? tookMs : 0
      const usedMs = cpuMs === undefined ? guessed : cpuMs - (account.cpuMs ?? cpuMs)
      account.cpuMs = cpuMs
      if (this.#frozen.has(one)) continue
      const creditMs = account.creditMs + (tookMs * this.#percent) / 100 - usedMs
      account.creditMs = Math.min(creditMsMax, creditMs)
      account.goes = account.creditMs > 0
      if (account.goes) one.go()
      else one.stop()
    }
  }
}
