import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A way to a port of this machine. While it is held nothing comes through, in neither direction,
 * and nobody is told: what was sent comes when it is let go, as from any network that was parted.
 */
export class Line implements AsyncDisposable {
  readonly port: number
  readonly #to: number
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  #isHeld = false

  private constructor(to: number, server: Server) {
    this.#to = to
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (near) => this.#carry(near))
  }

  /** Opens one. */
  static async to(port: number): Promise<Line> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Line(port, server)
  }

  /** Nothing comes through from now on. */
  hold(): void {
    this.#isHeld = true
    for (const end of this.#ends) end.pause()
  }

  /** What was held comes through, and all that is new. */
  letGo(): void {
    this.#isHeld = false
    for (const end of this.#ends) end.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    for (const end of this.#ends) end.destroy()
    await once(this.#server, 'close')
  }

  #carry(near: Socket): void {
    const far = connect({ host: '127.0.0.1', port: this.#to, noDelay: true })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#ends.add(one)
      one.on('data', (bytes) => void other.write(bytes))
      one.on('close', () => {
        this.#ends.delete(one)
        other.destroy()
      })
      // An end that is gone in the middle of things is what is being tried.
      one.on('error', () => other.destroy())
      if (this.#isHeld) one.pause()
      else one.resume()
    }
  }
}
