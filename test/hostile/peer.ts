import { offerOf } from '../../coordinator/test/cast.ts'
import { Told } from '../../coordinator/test/told.ts'
import { Asker } from '../../mesh/channel/call.ts'
import { Channel } from '../../mesh/channel/channel.ts'
import { machineClock } from '../../mesh/channel/clock.ts'
import { pipeOf } from '../../mesh/channel/libp2p-pipe.ts'
import { Pool } from '../../mesh/channel/pool.ts'
import { sides } from '../../mesh/channel/side.ts'
import { openHost, openStream } from '../../mesh/test/hosts.ts'
import {
  type Answer,
  type AnswerMessage,
  acknowledgementDocument,
  ed25519,
  type FromCoordinator,
  type FromNode,
  type JobId,
  type Lease,
  leaseDocument,
  limits,
  type MeshId,
  type NodeId,
  type Offer,
  open,
  protocols,
  type Question,
  type Signed,
  type Signer,
  toHex,
} from '../../specs/index.ts'

/** A lease as it came, and what it says. */
export interface Leased {
  readonly signed: Signed<Lease>
  readonly says: Lease
}

type Host = Awaited<ReturnType<typeof openHost>>
type WorkChannel = Channel<FromNode, FromCoordinator>

/**
 * A peer with a key and a network of its own that speaks the protocol by the letter, and says in it
 * whatever its test wants to be said.
 */
export class HostilePeer extends Told implements AsyncDisposable {
  readonly signer: Signer
  readonly id: NodeId
  readonly host: Host
  readonly #address: string
  readonly #ground = { clock: machineClock, pool: new Pool(limits.channelsBytesMax) }
  readonly #asker: Asker
  readonly #used = new Set<FromCoordinator>()
  #work: WorkChannel | undefined
  #over = Promise.withResolvers<void>()

  private constructor(host: Host, signer: Signer, address: string) {
    super(signer.id)
    this.host = host
    this.signer = signer
    this.id = signer.id as NodeId
    this.#address = address
    this.#asker = new Asker({
      clock: machineClock,
      dial: async () => {
        const stream = await openStream(host, address, protocols.call.id)
        return { ok: true, value: new Channel(pipeOf(stream), sides.call.opens, this.#ground) }
      },
    })
  }

  /** A peer with the key of a number, which dials from an address of loopback. */
  static async open(seed: number, address: string, localAddress: string): Promise<HostilePeer> {
    const secret = new Uint8Array(32)
    new DataView(secret.buffer).setUint32(0, seed)
    const host = await openHost(seed, { listens: false, localAddress })
    return new HostilePeer(host, ed25519.signer(secret), address)
  }

  /** Opens a stream of work, and says nothing; nobody waits any more for what came before. */
  async meet(): Promise<void> {
    const stream = await openStream(this.host, this.#address, protocols.work.id)
    for (const message of this.told) this.#used.add(message)
    const channel: WorkChannel = new Channel(pipeOf(stream), sides.work.opens, this.#ground)
    const over = Promise.withResolvers<void>()
    this.#work = channel
    this.#over = over
    channel.listen({
      heard: (messages) => {
        // What is still said on a stream before is of no interest.
        if (this.#work === channel) for (const message of messages) this.hear(message)
      },
      drained: () => {},
      ended: () => channel.close(),
      closed: () => over.resolve(),
    })
  }

  /** Opens a stream and takes so many units at once. */
  async join(mesh: MeshId, units: number): Promise<void> {
    await this.meet()
    this.say(this.helloTo(mesh, this.offer(units)))
    await this.hears('welcome')
  }

  /** What it says first. */
  helloTo(mesh: MeshId, offer: Offer): FromNode {
    return { type: 'hello', mesh, offer }
  }

  /** What it lends, without containers. */
  offer(units: number): Offer {
    const executors: Offer['executors'] = [{ type: 'wasm', profile: 1, fuelPerSecond: 1e9 }]
    return { ...offerOf('anybody'), node: this.id, units, executors }
  }

  say(...messages: readonly FromNode[]): void {
    this.#work?.say(messages)
  }

  /** The next lease that it was given. */
  async lease(): Promise<Leased> {
    const message = await this.next('lease')
    const says = open(leaseDocument, message.lease)
    if (!says.ok) throw new Error(`a lease: ${says.refusal.code}`)
    return { signed: message.lease, says: says.value }
  }

  /** The next message of a type that nobody has waited for. */
  async next<T extends FromCoordinator['type']>(
    type: T,
    wanted: (message: FromCoordinator & { readonly type: T }) => boolean = () => true,
  ): Promise<FromCoordinator & { readonly type: T }> {
    const isNew = (one: FromCoordinator & { readonly type: T }) => {
      return !this.#used.has(one) && wanted(one)
    }
    const message = await this.hears<T>(type, isNew)
    this.#used.add(message as FromCoordinator)
    return message
  }

  /** Says something, and waits for the code that it is refused with. */
  async refused(...messages: readonly FromNode[]): Promise<string> {
    this.say(...messages)
    return (await this.next('refuse')).refusal.code
  }

  /** The number of entries that hold its receipt, as the next acknowledgement says. */
  async acknowledged(): Promise<number> {
    const { acknowledgement } = await this.next('acknowledge')
    const opened = open(acknowledgementDocument, acknowledgement)
    return opened.ok ? opened.value.size : 0
  }

  /** Resolves when all that it said was heard. */
  async heard(): Promise<void> {
    // Nobody leases a unit of this job: it is refused behind all that was said before.
    this.say({ type: 'ask', jobs: [toHex(this.signer.sign(new Uint8Array()).slice(32)) as JobId] })
    await this.next('refuse', ({ refusal }) => refusal.code === 'job.unknown')
  }

  /** Resolves when the stream that it opened last is over. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  async ask(question: Question): Promise<Answer<AnswerMessage>> {
    return await this.#asker.ask(question, AbortSignal.timeout(limits.answerMs))
  }

  /** What a question is refused with, or the type of its answer. */
  async codeOf(question: Question): Promise<string> {
    const answer = await this.ask(question)
    return answer.ok ? answer.value.type : answer.refusal.code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asker[Symbol.asyncDispose]()
    await this.host.stop()
  }
}
