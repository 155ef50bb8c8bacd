import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usualRates } from '../../coordinator/shell/index.ts'
import { claimNode } from '../../node/shell/index.ts'
import {
  type CoordinatorId,
  ed25519,
  encode,
  formatInvitation,
  leastQuorum,
  limits,
  type Mesh,
  meshDocument,
  meshId,
  sha256,
  sign,
  signedSchema,
} from '../../specs/index.ts'
import { type Host, hosts as hostsOf } from '../road/netns.ts'
import { Errand } from './errand.ts'
import type { History } from './history.ts'
import { coordinatorSeed, publisherSeed } from './keys.ts'
import { Lent } from './lent.ts'
import { addressOf, Member } from './member.ts'
import type { Heard, Order } from './publisher.ts'
import type { Said, Told } from './reader.ts'

/** How large it is. */
export interface Size {
  readonly coordinators: number
  readonly nodes: number
  readonly publishers: number
}

/** What a scene is opened with. */
export interface Opening {
  readonly size: Size
  /** Where everything that outlives it goes: logs, and the history. */
  readonly directory: string
  readonly history: History
  readonly mutations: readonly string[]
}

/** One core each: eight of them share a machine. */
const lends = { v: 1, inUse: { cores: 1 }, idle: { cores: 1 } }

/** How long a coordinator has to get from others what its disk has lost. */
const regainedMs = 300_000

/** A job that was acknowledged and has not ended. */
interface Open {
  readonly from: number
  readonly units: number
  /** The chain that has it. */
  readonly chain: string
  /** Units that are decided, as far as its publisher was told. */
  readonly decided: number
}

/** A mesh of processes, each on a host of its own, and whoever publishes and reads. */
export class Scene implements AsyncDisposable {
  readonly members: readonly Member[]
  readonly nodes: readonly Lent[]
  /** A host on which nobody is. */
  readonly spare: Host
  /** How long each job took that has ended: when it was acknowledged, and when it was over. */
  readonly took: { readonly from: number; readonly till: number; readonly units: number }[] = []
  readonly #history: History
  readonly #all: AsyncDisposableStack
  readonly #publishers: Errand<Order>[] = []
  readonly #open = new Map<string, Open>()
  #pending = 0
  #reader: Errand<Told> | undefined
  readonly #read = Promise.withResolvers<void>()
  readonly #whole = new Map<string, PromiseWithResolvers<void>>()

  private constructor(
    { history }: Opening,
    parts: Pick<Scene, 'members' | 'nodes' | 'spare'>,
    all: AsyncDisposableStack,
  ) {
    this.members = parts.members
    this.nodes = parts.nodes
    this.spare = parts.spare
    this.#history = history
    this.#all = all
  }

  /** Begins all of it: nodes were welcomed, and nothing is published yet. */
  static async open(opening: Opening): Promise<Scene> {
    const { size, directory, mutations, history } = opening
    await using all = new AsyncDisposableStack()
    const { hosts } = all.use(hostsOf(size.coordinators + size.nodes + size.publishers + 2))
    const [atMembers, atNodes] = [size.coordinators, size.coordinators + size.nodes]
    const down = (name: string, why: string) => history.add({ type: 'down', name, why })
    const founded = foundedOn(hosts.slice(0, atMembers))
    const members = await Promise.all(
      founded.seeds.map(async (seed, i) => {
        const made = {
          ...{ name: `c${i}`, host: hosts[i] as Host, seed, mutations, logs: directory, down },
        }
        return all.use(await Member.make(made, founded.document))
      }),
    )
    await Promise.all(members.map((member) => member.start()))
    await mkdir(join(directory, 'nodes'), { recursive: true })
    await writeFile(join(directory, 'nodes', 'limits.json'), JSON.stringify(lends))
    const nodes = hosts.slice(atMembers, atNodes).map((host, i) => {
      const made = { name: `n${i}`, host, directory: join(directory, 'nodes') }
      return all.use(new Lent({ ...made, mutations: [], down, invitation: founded.invitation }))
    })
    await own(nodes, [...founded.seeds, ...range(size.publishers).map(publisherSeed)])
    for (const node of nodes) node.start()
    await Promise.all(nodes.map((node) => node.welcomed()))
    const [spare, ...last] = hosts.slice(atNodes) as [Host, ...Host[]]
    const scene = new Scene(opening, { members, nodes, spare }, all.move())
    await scene.#hire(last, founded)
    return scene
  }

  /** Jobs that were asked for, and those that were acknowledged and have not ended. */
  get open(): number {
    return this.#pending + this.#open.size
  }

  /** The jobs that were acknowledged and have not ended. */
  get jobs(): readonly Open[] {
    return [...this.#open.values()]
  }

  /** Everybody's address but of these. */
  others(...of: readonly { readonly host: Host }[]): string[] {
    const all = [...this.members, ...this.nodes].filter((one) => !of.includes(one))
    return all.map(({ host }) => host.address)
  }

  /** A member was forked, and all others have to find out. */
  forked({ name }: Member, chain: string): void {
    const others = this.members.flatMap((one) => (one.name === name ? [] : [one.name]))
    this.#history.add({ type: 'forked', name, chain, others })
    this.#reader?.tell({ do: 'ask', forked: chain })
  }

  /** Has one of the publishers publish a job. */
  publish(by: number, order: Order): void {
    this.#pending++
    this.#publishers[by % this.#publishers.length]?.tell(order)
  }

  /** Writes down what nodes have been told since. */
  listen(): void {
    const names = new Map(this.members.map(({ id, name }) => [id, name]))
    for (const node of this.nodes) {
      for (const one of node.told()) {
        if (one.type !== 'acknowledged') continue
        const [, ...key] = String(one.key).split('/')
        const from = names.get(String(one.coordinator)) ?? ''
        const said = { key: key.join('/'), from, epoch: Number(one.epoch) }
        this.#history.add({ type: 'acknowledged', node: node.name, ...said })
      }
    }
  }

  /**
   * Waits until a member has again what the others have: of three disks one may lose what it had,
   * and who replaces it waits for that before anything else is done.
   */
  async regained({ name }: Member): Promise<void> {
    const whole = Promise.withResolvers<void>()
    this.#whole.set(name, whole)
    this.#reader?.tell({ do: 'compare', name })
    const late = setTimeout(() => {
      this.#history.add({ type: 'down', name, why: 'it did not get what the others have' })
      whole.resolve()
    }, regainedMs)
    await whole.promise
    clearTimeout(late)
  }

  /** Writes down how much memory and disk each coordinator has. */
  async weigh(): Promise<void> {
    for (const member of this.members) {
      const weighed = await member.weigh()
      if (weighed !== undefined) {
        this.#history.add({ type: 'weighs', name: member.name, ...weighed })
      }
    }
  }

  /** Has all chains read from their beginning, into the history. */
  async readAll(): Promise<void> {
    this.#reader?.tell({ do: 'all' })
    await this.#read.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all.disposeAsync()
  }

  async #hire(hosts: readonly Host[], { invitation }: Founded): Promise<void> {
    for (const [i, host] of hosts.slice(0, -1).entries()) {
      const args = [String(i), invitation]
      const heard = (said: Heard) => this.#heard(`p${i}`, said)
      const down = (why: string) => this.#history.add({ type: 'down', name: `p${i}`, why })
      const errand = await Errand.begin<Order, Heard>(host, './publisher.ts', args, down, heard)
      this.#publishers.push(this.#all.use(errand))
    }
    const reads = (said: Said) => {
      switch (said.type) {
        case 'there':
          return
        case 'all-read':
          return this.#read.resolve()
        case 'has-all':
          return this.#whole.get(said.name)?.resolve()
        default:
          this.#history.add(said)
      }
    }
    const last = hosts.at(-1) as Host
    const down = (why: string) => this.#read.reject(new Error(`the reader: ${why}`))
    this.#reader = this.#all.use(await Errand.begin(last, './reader.ts', [invitation], down, reads))
  }

  #heard(publisher: string, said: Heard): void {
    if (said.type === 'there') return
    const { now } = this.#history
    if (said.type === 'progress') {
      const open = this.#open.get(said.job)
      const decided = said.accepted + said.dead
      if (open !== undefined) this.#open.set(said.job, { ...open, decided })
      return
    }
    if (said.type === 'ended') {
      const { from = now, units = 0 } = this.#open.get(said.job) ?? {}
      this.#open.delete(said.job)
      this.took.push({ from, till: now, units })
    } else {
      this.#pending--
      if (said.type === 'published') {
        const { job, chain, units, ms } = said
        this.#open.set(job, { from: now - ms, units, chain, decided: 0 })
        this.#reader?.tell({ do: 'read', chain })
      }
    }
    this.#history.add({ ...said, publisher })
  }
}

/** How long the delegations of a run hold. */
const ownedMs = 24 * 3_600_000

/**
 * Gives the first nodes to owners, one each: to the coordinators, whose word vouches for others,
 * and to the publishers, who can spend what those earn. Who is left has itself.
 */
async function own(nodes: readonly Lent[], owners: readonly Uint8Array[]): Promise<void> {
  const now = Date.now()
  for (const [i, seed] of owners.entries()) {
    const directory = nodes[i]?.directory
    if (directory === undefined) return
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const claimed = await claimNode(directory, ed25519.signer(seed), now, now + ownedMs)
    if (!claimed.ok) throw new Error(claimed.refusal.code)
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

interface Founded {
  /** The keys of its members, in their order. */
  readonly seeds: readonly Uint8Array[]
  readonly document: Uint8Array
  readonly invitation: string
}

/** Founds a mesh whose members are on these hosts. */
function foundedOn(hosts: readonly Host[]): Founded {
  const keys = hosts.map((_, i) => {
    const seed = coordinatorSeed(i)
    return { seed, signer: ed25519.signer(seed) }
  })
  keys.sort((a, b) => (a.signer.id < b.signer.id ? -1 : 1))
  const members = keys.map(({ signer }, i) => {
    return { coordinator: signer.id as CoordinatorId, addresses: [addressOf(hosts[i] as Host)] }
  })
  const mesh: Mesh = {
    ...{ v: 1, name: 'chaos', founded: Date.now(), nonce: sha256(new Uint8Array()).slice(0, 16) },
    ...{ members, quorum: leastQuorum(members.length), bootstrap: [] },
    rates: { ...usualRates, apart: 'owners', settleMs: 1000 },
  }
  const signed = sign(meshDocument, mesh, ...keys.map(({ signer }) => signer))
  const invited = { v: 1 as const, mesh: meshId(signed), name: 'chaos' }
  return {
    seeds: keys.map(({ seed }) => seed),
    document: encode(signedSchema(meshDocument, limits.rosterMax), signed),
    invitation: formatInvitation({ ...invited, members }),
  }
}
