import { randomBytes } from 'node:crypto'
import { openFork } from '../../ledger/index.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import type { Pipe } from '../../mesh/channel/pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { sides } from '../../mesh/channel/side.ts'
import { type HostedMesh, openMesh } from '../../mesh/index.ts'
import {
  type ChainId,
  type Cid,
  type CoordinatorId,
  decode,
  ed25519,
  encode,
  type FromCoordinator,
  type FromNode,
  formatInvitation,
  fromFetcher,
  fromProvider,
  limits,
  type MeshId,
  protocols,
  type Signer,
  toHex,
} from '../../specs/index.ts'

/** A stream of a node, at the end of a coordinator that says whatever it likes. */
export class Talk {
  readonly pipe: Pipe
  readonly heard: FromNode[] = []
  readonly over: Promise<void>
  readonly #channel: Channel<FromCoordinator, FromNode>
  #woken = Promise.withResolvers<void>()

  constructor(pipe: Pipe) {
    this.pipe = pipe
    const ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }
    this.#channel = new Channel(pipe, sides.work.serves, ground)
    const over = Promise.withResolvers<void>()
    this.over = over.promise
    this.#channel.listen({
      heard: (messages) => {
        this.heard.push(...messages)
        this.#woken.resolve()
        this.#woken = Promise.withResolvers()
      },
      drained: () => {},
      ended: () => this.#channel.close(),
      closed: () => over.resolve(),
    })
  }

  say(...messages: readonly FromCoordinator[]): void {
    this.#channel.say(messages)
  }

  /** The next message of a type. */
  async next<T extends FromNode['type']>(type: T): Promise<FromNode & { readonly type: T }> {
    for (;;) {
      const at = this.heard.findIndex((one) => one.type === type)
      if (at >= 0) return this.heard.splice(at, 1)[0] as FromNode & { readonly type: T }
      await this.#woken.promise
    }
  }
}

/** A coordinator of a mesh of its own that nodes have joined, and that means them no good. */
export class HostileCoordinator implements AsyncDisposable {
  readonly signer: Signer
  readonly id: CoordinatorId
  readonly chain = toHex(new Uint8Array(randomBytes(32))) as ChainId
  /** What it gives for a CID, whether it is that or not. */
  readonly blocks = new Map<Cid, Uint8Array>()
  /** Blocks that nodes have fetched. */
  readonly given = new Set<Uint8Array>()
  readonly #mesh: HostedMesh
  #talks: Talk[] = []
  #come = Promise.withResolvers<void>()

  private constructor(mesh: HostedMesh, signer: Signer) {
    this.#mesh = mesh
    this.signer = signer
    this.id = signer.id as CoordinatorId
  }

  static async open(): Promise<HostileCoordinator> {
    const seed = new Uint8Array(randomBytes(32))
    const mesh = await openMesh({
      mesh: toHex(new Uint8Array(randomBytes(32))) as MeshId,
      ...{ seed, listen: ['/ip4/127.0.0.1/tcp/0'], known: [], roster: [], openFork, now: Date.now },
    })
    const one = new HostileCoordinator(mesh, ed25519.signer(seed))
    await mesh.serve(protocols.work.id, (pipe) => {
      one.#talks.push(new Talk(pipe))
      one.#come.resolve()
      one.#come = Promise.withResolvers()
    })
    await mesh.serve(protocols.data.id, (pipe) => one.#give(pipe))
    return one
  }

  get invitation(): string {
    const addresses = this.#mesh.addresses().slice(0, limits.addressesMax)
    const members = [{ coordinator: this.id, addresses }]
    return formatInvitation({ v: 1, mesh: this.#mesh.id, name: 'hostile', members })
  }

  /** The next stream that a node opens; it has said hello. */
  async met(): Promise<Talk> {
    while (this.#talks.length === 0) await this.#come.promise
    const talk = this.#talks.shift() as Talk
    await talk.next('hello')
    return talk
  }

  /** What it says first. */
  welcome(): FromCoordinator {
    return { type: 'welcome', chain: this.chain, epoch: 0, renewMs: 20_000, time: Date.now() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mesh[Symbol.asyncDispose]()
  }

  /** Gives blocks as they are asked for, each in one message: all that it has are of one block. */
  #give(pipe: Pipe): void {
    pipe.listen({
      data: (bytes) => {
        const want = decode(fromFetcher, bytes.subarray(1))
        if (!want.ok || want.value.type !== 'want') return
        const block = this.blocks.get(want.value.root)
        if (block === undefined) {
          pipe.send(framed(encode(fromProvider, { type: 'missing' })))
          return
        }
        pipe.send(framed(encode(fromProvider, { type: 'block', bytes: block.length })))
        pipe.send(block.slice())
        this.given.add(block)
      },
      drained: () => {},
      ended: () => pipe.close(),
      closed: () => {},
    })
  }
}

/** A short message with its length in front. */
function framed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(bytes.length), bytes])
}
