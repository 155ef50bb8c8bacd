import { count, duration } from './figures.ts'
import type { Shell } from './shell.ts'

/** How often a bar is drawn, and a plain line is written. */
const barMs = 100
const lineMs = 5000
const barWidth = 20

/** Says on stderr how far something is: as a bar to a person, as a line now and then to a log. */
export class Progress implements Disposable {
  readonly #shell: Pick<Shell, 'stderr' | 'isTerminal'>
  readonly #doing: string
  #said = performance.now()
  #drawn = false
  /** The first report: what was before it is no part of the rate. */
  #first: { readonly at: number; readonly done: number } | undefined

  /** What is being done, as in "reading". */
  constructor(shell: Pick<Shell, 'stderr' | 'isTerminal'>, doing: string) {
    this.#shell = shell
    this.#doing = doing
  }

  /** So many entries are done, of as many if that is known. */
  reached(done: number, size?: number): void {
    const { isTerminal, stderr } = this.#shell
    const now = performance.now()
    this.#first ??= { at: now, done }
    const every = isTerminal ? barMs : lineMs
    if (now - this.#said < every) return
    this.#said = now
    const words = this.#words(
      done,
      size,
      ((done - this.#first.done) / (now - this.#first.at)) * 1000,
    )
    if (!isTerminal) {
      stderr.write(`${words}\n`)
      return
    }
    this.#drawn = true
    stderr.write(`\r${words}\x1b[K`)
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    if (this.#drawn) this.#shell.stderr.write('\r\x1b[K')
  }

  /** The rate is none at the first report. */
  #words(done: number, size: number | undefined, rate: number): string {
    const isKnown = Number.isFinite(rate) && rate > 0
    const speed = isKnown ? `  ${count(Math.round(rate))} entries/s` : ''
    if (size === undefined || size === 0) return `${this.#doing} ${count(done)} entries${speed}`
    const part = Math.min(1, done / size)
    const filled = Math.floor(part * barWidth)
    const bar = this.#shell.isTerminal
      ? `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] `
      : ''
    const percent = `${Math.floor(part * 100)}%`.padStart(4)
    const of = `${count(done)} of ${count(size)} entries`
    const left = isKnown ? `  ${duration(Math.ceil((size - done) / rate) * 1000)} left` : ''
    return `${this.#doing} ${bar}${percent}  ${of}${speed}${left}`
  }
}
