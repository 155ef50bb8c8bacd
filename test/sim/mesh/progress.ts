const barMs = 100
const lineMs = 10_000
const width = 30

/** Says how far a run is: as a bar on a terminal, as a line now and then elsewhere. */
export class Progress implements Disposable {
  readonly #all: number
  readonly #began = performance.now()
  #said = 0

  constructor(all: number) {
    this.#all = all
  }

  reached(done: number, violations: number): void {
    const { stderr } = process
    const now = performance.now()
    if (now - this.#said < (stderr.isTTY ? barMs : lineMs)) return
    this.#said = now
    const leftMs = ((now - this.#began) / done) * (this.#all - done)
    const words = `${done} of ${this.#all} worlds, ${violations} violations`
    const left = `${Math.ceil(leftMs / 1000)} s left`
    if (!stderr.isTTY) {
      stderr.write(`${words}, ${left}\n`)
      return
    }
    const filled = Math.floor((done / this.#all) * width)
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`
    stderr.write(`\r${bar} ${words}, ${left}\x1b[K`)
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}
