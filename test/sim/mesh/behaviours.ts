import type { News } from '../../../node/index.ts'
import {
  type CoordinatorId,
  type FromCoordinator,
  type FromNode,
  type Lease,
  leaseDocument,
  open,
} from '../../../specs/index.ts'
import type { Behaviour, Task } from './behaviour.ts'
import type { Company } from './company.ts'
import { between } from './draws.ts'
import { forged, guessed, replayed, stolen } from './mischief.ts'
import type { NodeShell } from './node-shell.ts'
import { honestVariant, type Variant } from './results.ts'

/** What every machine does whose owner changed nothing. */
class Honest implements Behaviour {
  protected readonly shell: NodeShell
  /** How many times as long everything takes. */
  protected slowness = 1

  constructor(shell: NodeShell) {
    this.shell = shell
  }

  lastsMs({ job }: Task): number | undefined {
    const isImage = job.executors[0]?.type === 'docker'
    const { chance } = this.shell
    return isImage ? between(chance, 5000, 150_000) : between(chance, 200, 8000) * this.slowness
  }

  gives({ job }: Task): Variant | undefined {
    const { name, machine } = this.shell.person
    return honestVariant(job, { name, arch: machine.platform.arch })
  }

  says(_to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    return messages
  }

  hears(_from: CoordinatorId, _messages: readonly FromCoordinator[]): void {}

  told(_news: News): void {}
}

/** Takes so long that its leases run out now and then. */
class Slow extends Honest {
  override slowness = 12
}

/** Takes leases, and is not heard of again for a while. */
class Silent extends Honest {
  #isMute = false

  override says(_to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    if (messages.some(({ type }) => type === 'hello')) this.#isMute = this.shell.chance.once(3)
    return this.#isMute && messages[0]?.type !== 'hello' ? [] : messages
  }

  override hears(_from: CoordinatorId, messages: readonly FromCoordinator[]): void {
    if (messages.some(({ type }) => type === 'lease') && this.shell.chance.once(3)) {
      this.#isMute = true
    }
  }
}

/** Errs by itself, in one unit of ten. */
class Faulty extends Honest {
  override gives(task: Task): Variant | undefined {
    const { chance } = this.shell
    return chance.once(10) ? { says: `slip ${chance.bits()}` } : super.gives(task)
  }
}

/** Gives up half of what it takes. */
class Quitter extends Honest {
  override gives(task: Task): Variant | undefined {
    return this.shell.chance.once(2) ? undefined : super.gives(task)
  }
}

/** Says what it likes, in some units. */
class Liar extends Honest {
  protected lies(_task: Task): boolean {
    return this.shell.chance.once(2)
  }

  protected lie(): string {
    return `lie of ${this.shell.person.name}`
  }

  override gives(task: Task): Variant | undefined {
    return this.lies(task) ? { says: this.lie() } : super.gives(task)
  }

  /** Who is thrown out tries again. */
  override told(news: News): void {
    if (isThrownOut(news)) this.shell.crash()
  }
}

/** Says the lie that others say too. */
class Alike extends Liar {
  protected override lie(): string {
    return 'the usual lie'
  }
}

/** Is honest until it is believed to be. */
class Sleeper extends Alike {
  #executed = 0

  protected override lies(): boolean {
    return ++this.#executed > 12
  }
}

/** Lies where it is together with others of its gang. */
class Member extends Liar {
  readonly #gang: string
  readonly #company: Company

  constructor(shell: NodeShell, company: Company, gang: string) {
    super(shell)
    this.#gang = gang
    this.#company = company
  }

  protected override lies({ id, unit }: Task): boolean {
    return this.#company.countOf(this.#gang, { job: id, unit }) >= 2
  }

  protected override lie(): string {
    return `lie of the ${this.#gang}`
  }

  override hears(_from: CoordinatorId, messages: readonly FromCoordinator[]): void {
    for (const message of messages) {
      if (message.type !== 'lease') continue
      this.#company.leased(this.#gang, this.shell.person.id, message.lease)
    }
  }
}

/** Lies until it is refused, and comes again under another key. */
class Returning extends Alike {
  readonly #comeBack: () => void

  constructor(shell: NodeShell, comeBack: () => void) {
    super(shell)
    this.#comeBack = comeBack
  }

  override told(news: News): void {
    if (isThrownOut(news)) this.#comeBack()
  }
}

function isThrownOut(news: News): boolean {
  const refusal = news.type === 'refusedBy' || news.type === 'lost' ? news.refusal : undefined
  return refusal?.code === 'node.banned' || refusal?.code === 'node.suspended'
}

/** Takes all that it can get, renews it for ever, and asks for more than it was ever given. */
class Hoarder extends Honest {
  override lastsMs(): number | undefined {
    return undefined
  }

  override says(_to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    const { chance } = this.shell
    return messages.flatMap((message): FromNode[] => {
      if (message.type !== 'offer') return [message]
      const offer = { ...message.offer, units: between(chance, 0, 200) }
      return [message, ...Array.from({ length: 3 }, () => ({ type: 'offer' as const, offer }))]
    })
  }
}

/** Says again what was said before, twice, in another order, or by somebody else. */
class Replayer extends Honest {
  readonly #company: Company
  readonly #said: FromNode[] = []

  constructor(shell: NodeShell, company: Company) {
    super(shell)
    this.#company = company
  }

  override says(to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    const said = replayed(this.shell, this.#company, this.#said, messages)
    for (const message of messages) {
      if (message.type === 'deliver') this.#company.keep(to, message)
      if (this.#said.length < 100) this.#said.push(message)
    }
    return said
  }
}

/** Delivers what is not its own: read from a chain, or had from a friend. */
class Thief extends Liar {
  readonly #company: Company

  constructor(shell: NodeShell, company: Company) {
    super(shell)
    this.#company = company
  }

  override lastsMs(): number | undefined {
    return 1
  }

  override gives(task: Task): Variant | undefined {
    const read = this.#company.accepted.get(`${task.id}/${task.unit}`)
    return read === undefined ? super.gives(task) : { says: read }
  }

  override says(to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    return messages.flatMap((message): FromNode[] => {
      if (message.type !== 'deliver') return [message]
      this.#company.keep(to, message)
      const others = [...stolen(this.shell, this.#company, to, message)]
      // Sometimes a friend is to bring it, before it is brought by whose it is.
      return this.shell.chance.once(3) ? others : [...others, message]
    })
  }
}

/** Delivers what nobody signed so, or what does not belong together. */
class Forger extends Honest {
  override says(_to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    return messages.flatMap((message): FromNode[] => {
      if (message.type !== 'deliver') return [message]
      const false_ = forged(this.shell, message)
      return this.shell.chance.once(2) ? [false_] : [false_, message]
    })
  }
}

/** Speaks for others: gives back and renews what it guesses that they hold. */
class Meddler extends Honest {
  /** The last leases that each coordinator gave it, the latest first. */
  readonly #seen = new Map<CoordinatorId, readonly Lease[]>()

  override lastsMs(): number | undefined {
    return between(this.shell.chance, 1, 2000)
  }

  override hears(from: CoordinatorId, messages: readonly FromCoordinator[]): void {
    for (const message of messages) {
      if (message.type !== 'lease') continue
      const opened = open(leaseDocument, message.lease)
      const seen = this.#seen.get(from) ?? []
      if (opened.ok) this.#seen.set(from, [opened.value, ...seen.slice(0, 7)])
    }
  }

  override says(to: CoordinatorId, messages: readonly FromNode[]): readonly FromNode[] {
    const seen = this.#seen.get(to) ?? []
    if (seen.length === 0 || messages[0]?.type === 'hello') return messages
    const guesses = Array.from({ length: 16 }, (): FromNode[] => {
      const executions = guessed(this.shell, seen)
      return [
        { type: 'renew', executions },
        { type: 'abort', executions, why: 'time' },
      ]
    })
    return [...messages, ...guesses.flat()]
  }
}

/** A kind of owner: whether its machine is to be treated as an honest one, and what it does. */
export interface Kind {
  readonly honest: boolean
  behave(shell: NodeShell, company: Company, comeBack: () => void): Behaviour
}

/** Every kind of owner. */
export const kinds = {
  honest: { honest: true, behave: (shell) => new Honest(shell) },
  slow: { honest: true, behave: (shell) => new Slow(shell) },
  silent: { honest: true, behave: (shell) => new Silent(shell) },
  crashing: { honest: true, behave: (shell) => new Honest(shell) },
  faulty: { honest: true, behave: (shell) => new Faulty(shell) },
  quitter: { honest: true, behave: (shell) => new Quitter(shell) },
  lying: { honest: false, behave: (shell) => new Liar(shell) },
  alike: { honest: false, behave: (shell) => new Alike(shell) },
  sleeper: { honest: false, behave: (shell) => new Sleeper(shell) },
  pair: { honest: false, behave: (shell, company) => new Member(shell, company, 'pair') },
  ring: { honest: false, behave: (shell, company) => new Member(shell, company, 'ring') },
  returning: { honest: false, behave: (shell, _, comeBack) => new Returning(shell, comeBack) },
  hoarder: { honest: false, behave: (shell) => new Hoarder(shell) },
  replayer: { honest: false, behave: (shell, company) => new Replayer(shell, company) },
  thief: { honest: false, behave: (shell, company) => new Thief(shell, company) },
  forger: { honest: false, behave: (shell) => new Forger(shell) },
  meddler: { honest: false, behave: (shell) => new Meddler(shell) },
} as const satisfies Readonly<Record<string, Kind>>

/** The name of a kind of owner. */
export type KindName = keyof typeof kinds
