import { setTimeout as sleep } from 'node:timers/promises'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import type { Pipe } from '../../mesh/channel/pipe.ts'
import { openHost, openStream } from '../../mesh/test/hosts.ts'
import { type RawConnection, rawConnection } from '../../mesh/test/raw.ts'
import {
  type ChainId,
  encode,
  fromFollower,
  fromNode,
  type JobId,
  question,
  refusals,
  toHex,
} from '../../specs/index.ts'

/** A stream on which any bytes can be said. */
export interface RawStream {
  readonly isOpen: boolean
  readonly over: Promise<void>
  send(bytes: Uint8Array): boolean
  room(): Promise<void>
  stopReading(): void
  end(): void
  reset(): void
}

/** What is attacked: where it is, and which chain it has. */
export interface Place {
  readonly address: string
  readonly chain?: ChainId
}

type Host = Awaited<ReturnType<typeof openHost>>

/** How often somebody knocks who is turned away: for ten seconds. */
const triesMax = 40

const question1 = encode(question, { type: 'job', job: toHex(new Uint8Array(32)) as JobId })
const nobodys = toHex(new Uint8Array(32)) as ChainId

/** Somebody with a key and a network of its own, who holds to nothing. */
export class Attacker {
  readonly localAddress: string
  readonly draw: () => number
  /** Codes that it was refused with, as far as it has read them. */
  readonly codes = new Set<string>()
  readonly #address: string
  readonly #host: Host
  readonly #others: Attacker[] = []
  readonly #raw: RawConnection[] = []
  #isStopped = false
  readonly #chain: ChainId

  constructor(
    host: Host,
    { address, chain = nobodys }: Place,
    localAddress: string,
    draw: () => number,
  ) {
    this.#host = host
    this.#chain = chain
    this.#address = address
    this.localAddress = localAddress
    this.draw = draw
  }

  /** The address that is attacked, for those who need no libp2p to do so. */
  get target(): { readonly host: string; readonly port: number } {
    const [, , host = '', , port] = this.#address.split('/')
    return { host, port: Number(port) }
  }

  /** Opens a stream; nothing, where that is refused. */
  async open(protocol: string): Promise<RawStream | undefined> {
    try {
      return rawStream(pipeOf(await openStream(this.#host, this.#address, protocol)), this.codes)
    } catch {
      // Not let in, or cut: libp2p throws an error or an event, and an attacker expects either.
      return undefined
    }
  }

  /** Opens so many of each protocol at once; those that were let in. */
  async openMany(count: number, ids: readonly string[]): Promise<RawStream[]> {
    const opening = ids.flatMap((id) => Array.from({ length: count }, () => this.open(id)))
    return (await Promise.all(opening)).filter((stream) => stream !== undefined)
  }

  /** Another key in the same network. */
  async another(): Promise<Attacker> {
    if (this.#isStopped) throw new Error('it attacks no more')
    const other = await attackerOf(
      { address: this.#address, chain: this.#chain },
      this.localAddress,
      this.draw,
    )
    this.#others.push(other)
    return other
  }

  /** Ends those others. */
  async stopOthers(): Promise<void> {
    await Promise.all(this.#others.splice(0).map((other) => other.stop()))
  }

  /**
   * A connection on which any bytes can be said to the muxer of the other end. Who is turned away
   * tries again: the victim may still be busy with those of the attack before.
   */
  async rawConnection(): Promise<RawConnection> {
    for (let left = triesMax; ; left--) {
      if (this.#isStopped) throw new Error('it attacks no more')
      try {
        const raw = await rawConnection(this.draw(), this.#address, this.localAddress)
        this.#raw.push(raw)
        return raw
      } catch (cause) {
        // The socket and the library have some errors for it: it may end before noise, or in it.
        if (left === 0 || !/ECONNRESET|Encryption failed/.test(String(cause))) throw cause
        await sleep(250)
      }
    }
  }

  /** Opens a stream by hand, and sends so many bytes on it, each in a frame of its own. */
  async dribble(protocol: string, first: Uint8Array, count: number): Promise<void> {
    const raw = await this.rawConnection()
    const select = [line('/multistream/1.0.0'), line(protocol), first]
    raw.send(yamuxFrame(1, Buffer.concat(select)))
    for (let sent = 0; sent < count && raw.isOpen; sent += 4096) {
      const frames = Array.from({ length: 4096 }, () => yamuxFrame(0, Uint8Array.of(0x81)))
      raw.send(Buffer.concat(frames))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** So many questions, one behind the other. */
  questions(count: number): Uint8Array {
    return Buffer.concat(Array.from({ length: count }, () => framed(question1)))
  }

  /** That it follows a chain, and has room for all of it. */
  follows(): Uint8Array {
    return Buffer.concat([
      framed(encode(fromFollower, { type: 'follow', chain: this.#chain, from: 0 })),
      framed(encode(fromFollower, { type: 'more', entries: 4096 })),
    ])
  }

  /** A frame of so many signs of life, fewer than 128. */
  alive(count: number): Uint8Array {
    const one = encode(fromNode, { type: 'alive' })
    const all = Buffer.concat(Array.from({ length: count }, () => one))
    return framed(Buffer.concat([Uint8Array.of(0x98, count), all]))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.stopOthers()
    for (const raw of this.#raw.splice(0)) await raw.stop()
    await this.#host.stop()
  }
}

/** An attacker with a drawn key, which dials from an address of loopback. */
export async function attackerOf(
  place: Place,
  localAddress: string,
  draw: () => number,
): Promise<Attacker> {
  const host = await openHost(draw(), { listens: false, localAddress })
  return new Attacker(host, place, localAddress, draw)
}

function rawStream(pipe: Pipe, codes: Set<string>): RawStream {
  const over = Promise.withResolvers<void>()
  let room = Promise.withResolvers<void>()
  let open = true
  pipe.listen({
    data: (bytes) => {
      // A refusal is short, and stands in one piece: its code is a text with its length in front.
      const said = Buffer.from(bytes.subarray(0, 1024)).toString('latin1')
      for (const code of Object.keys(refusals)) {
        if (said.includes(`${String.fromCharCode(0x60 + code.length)}${code}`)) codes.add(code)
      }
    },
    drained: () => {
      room.resolve()
      room = Promise.withResolvers()
    },
    ended: () => pipe.close(),
    closed: () => {
      open = false
      over.resolve()
    },
  })
  return {
    get isOpen() {
      return open
    },
    over: over.promise,
    send: (bytes) => pipe.send(bytes),
    room: () => Promise.race([room.promise, over.promise]),
    stopReading: () => pipe.pause(),
    end: () => pipe.close(),
    reset: () => pipe.abort({ code: 'wire.cut' }),
  }
}

/** Bytes with their length in front, as a channel wants them. */
function framed(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const head = length < 128 ? [length] : [(length & 127) | 128, length >> 7]
  return Buffer.concat([Uint8Array.from(head), bytes])
}

/** A line of multistream-select. */
function line(text: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(text.length + 1), Buffer.from(`${text}\n`)])
}

/** A data frame of yamux on the first stream that a dialler opens. */
function yamuxFrame(flags: number, body: Uint8Array): Uint8Array {
  const head = new Uint8Array(12)
  const view = new DataView(head.buffer)
  view.setUint16(2, flags)
  view.setUint32(4, 1)
  view.setUint32(8, body.length)
  return Buffer.concat([head, body])
}
