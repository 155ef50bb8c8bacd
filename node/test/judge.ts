import { type FromNode, leaseDocument, open, receiptId } from '@nexapod/specs'
import type { Effect, News } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import type { RowName } from '../core/row.ts'
import { keyOf } from '../core/state.ts'
import { node, writers } from './cast.ts'
import { checkBounds, checkReasons, checkRoom, checkRunning, jobIn, type Watched } from './gauge.ts'
import { chainOf, executionIn, letsGo } from './letting-go.ts'
import type { Other } from './other.ts'

/** When a lease came, and when it was renewed: all that its end follows from. */
interface Term {
  readonly leaseMs: number
  arrivedAt: number
  renewedAt: number
  confirmedAt: number
  cancelled: boolean
}

/** Watches a node and knows what it must never do; it shares no code with what it watches. */
export class Judge {
  readonly #world: Watched
  readonly #terms = new Map<string, Term>()
  /** How long each has run, in hundredths of milliseconds of whole cores. */
  readonly #spent = new Map<string, number>()
  #pace = 0
  #countedAt = 0
  /** The one receipt that an execution may have, over all restarts. */
  readonly #receipts = new Map<string, string>()
  readonly #signed = new Set<string>()
  readonly #mayGo = new Set<string>()
  #cancelled: { readonly stream: number; readonly keys: readonly string[] }[] = []
  /** Who is heard in this step, and whom the node talks to in it. */
  #speaks: Other | undefined
  #talking: readonly Other[] = []
  /** What was given back: nothing may be signed for it any more. */
  readonly #over = new Set<string>()
  /** What each stream has been told, to hold it against the protocol. */
  #greeted = new Set<number>()

  constructor(world: Watched) {
    this.#world = world
  }

  /** Something is about to happen. */
  before(event: Event): void {
    const { streams, at, state, executing } = this.#world
    for (const [key, { frozen }] of executing) {
      if (frozen) continue
      this.#spent.set(key, (this.#spent.get(key) ?? 0) + (at - this.#countedAt) * this.#pace)
    }
    this.#countedAt = at
    this.#mayGo.clear()
    this.#cancelled = []
    this.#speaks = undefined
    this.#talking = this.#welcomed()
    if (event.type !== 'heard') return
    const other = streams.get(event.stream)?.other
    if (other === undefined) return
    this.#speaks = other
    for (const message of event.messages) {
      for (const key of letsGo(message, other.writer.id)) this.#mayGo.add(key)
      if (message.type === 'cancel') {
        const keys = message.executions
          .map((each) => keyOf(other.writer.id, each))
          .filter((key) => state.held.has(key))
        this.#cancelled.push({ stream: event.stream, keys })
      }
      if (message.type !== 'lease') continue
      const lease = open(leaseDocument, message.lease)
      if (!lease.ok) continue
      const key = keyOf(lease.value.coordinator, lease.value)
      const { leaseMs } = lease.value
      if (state.held.has(key)) continue
      const arrived = { arrivedAt: at, renewedAt: at, confirmedAt: at }
      this.#terms.set(key, { leaseMs, ...arrived, cancelled: false })
    }
    for (const [key, term] of this.#terms) {
      if (this.#answers(other, key)) term.confirmedAt = term.renewedAt
    }
  }

  /** A step came to these effects: rows first, so that nothing is said that a crash could take. */
  effects(effects: readonly Effect[]): void {
    const isRow = effects.map(({ type }) => type === 'keep' || type === 'forget')
    const firstAct = isRow.indexOf(false)
    for (const effect of effects) {
      if (effect.type === 'tell') this.#checkNews(effect.news)
    }
    const names = effects.map((one) => (one.type === 'keep' ? one.name : ''))
    for (const [i, effect] of effects.entries()) {
      if (effect.type !== 'forget' || !effect.name.startsWith('lease/')) continue
      // A crash between the two would leave neither.
      const receipt = names.indexOf(`receipt/${keyIn(effect.name)}`)
      if (receipt > i) throw new Error('a lease was forgotten before its receipt was kept')
    }
    if (firstAct >= 0 && isRow.lastIndexOf(true) > firstAct) throw new Error('a row after an act')
  }

  /** An effect is about to be performed. */
  effect(effect: Effect): void {
    const { executing, disk } = this.#world
    if (effect.type === 'keep' && effect.row.type === 'receipt') {
      const key = keyIn(effect.name)
      const id = receiptId(effect.row.receipt)
      if ((this.#receipts.get(key) ?? id) !== id) throw new Error(`a second receipt for ${key}`)
      this.#receipts.set(key, id)
      this.#signed.add(key)
    }
    if (effect.type === 'forget' && effect.name.startsWith('receipt/')) {
      const key = keyIn(effect.name)
      if (!this.#mayGo.has(key)) throw new Error(`${key} was forgotten and not decided`)
      this.#signed.delete(key)
    }
    if (effect.type === 'execute') {
      if (executing.has(effect.key)) throw new Error(`${effect.key} runs twice`)
      if (disk.has(`receipt/${effect.key}`)) throw new Error(`${effect.key} has a receipt`)
      this.#spent.set(effect.key, 0)
      checkRoom(this.#world, effect.key, true)
    }
    if (effect.type === 'pace') this.#pace = effect.cpuPercent
    if (effect.type === 'thaw') checkRoom(this.#world, effect.key, false)
  }

  /** The node says something. */
  said(stream: number, other: Other, message: FromNode): void {
    const { disk, at } = this.#world
    if (message.type === 'hello') {
      if (this.#greeted.has(stream)) throw new Error('a second hello')
      this.#greeted.add(stream)
    } else if (!this.#greeted.has(stream)) throw new Error(`${message.type} before the hello`)
    else if (!other.welcomed) throw new Error(`${message.type} before the welcome`)
    if (message.type === 'renew') {
      for (const each of message.executions) {
        for (const { id } of writers) {
          const key = keyOf(id, each)
          const term = this.#terms.get(key)
          if (term === undefined || !this.#answers(other, key)) continue
          if (term.renewedAt === term.confirmedAt) term.renewedAt = at
        }
      }
    }
    if (message.type === 'hold') {
      for (const signed of message.leases) {
        const lease = open(leaseDocument, signed)
        if (!lease.ok) throw new Error('it shows what does not open')
        const term = this.#terms.get(keyOf(lease.value.coordinator, lease.value))
        // After a restart a lease holds from when its coordinator was shown it.
        if (term !== undefined && term.arrivedAt < 0) {
          Object.assign(term, { arrivedAt: at, renewedAt: at, confirmedAt: at })
        }
      }
    }
    if (message.type !== 'deliver') return
    const lease = open(leaseDocument, message.lease)
    if (!lease.ok || lease.value.node !== node.id) throw new Error('it delivers for another')
    const key = keyOf(lease.value.coordinator, executionIn(message))
    if (!disk.has(`receipt/${key}`)) throw new Error(`${key} was said before it was kept`)
    if (this.#receipts.get(key) !== receiptId(message.receipt)) {
      throw new Error(`another receipt for ${key}`)
    }
  }

  /** A step is over and all its effects are performed. */
  after(): void {
    const { executing, at, disk } = this.#world
    for (const { stream, keys } of this.#cancelled) {
      // What stood behind something that broke the stream off was never heard.
      if (!this.#world.streams.has(stream)) continue
      for (const key of keys) {
        const term = this.#terms.get(key)
        if (term !== undefined) term.cancelled = true
      }
    }
    for (const [key, { killed }] of executing) {
      if (killed) continue
      const term = this.#terms.get(key)
      if (term === undefined) throw new Error(`${key} runs without a lease`)
      if (term.cancelled) throw new Error(`${key} runs though it was cancelled`)
      if (at >= Math.max(term.arrivedAt, term.confirmedAt) + term.leaseMs) {
        throw new Error(`${key} runs after its lease`)
      }
      const unitMs = jobIn(this.#world, key).resources.unitMs
      const isOver = (this.#spent.get(key) ?? 0) >= unitMs * 100
      if (isOver && !executing.get(key)?.frozen) throw new Error(`${key} runs too long`)
    }
    checkRunning(this.#world)
    for (const key of this.#signed) {
      if (!disk.has(`receipt/${key}`)) throw new Error(`the receipt of ${key} is lost`)
    }
    checkReasons(this.#world)
    checkBounds(this.#world)
  }

  /** The power failed: a lease holds again from when it is shown. */
  restarted(): void {
    this.#spent.clear()
    this.#pace = 0
    this.#countedAt = this.#world.at
    this.#over.clear()
    this.#cancelled = []
    this.#greeted = new Set()
    this.#mayGo.clear()
    for (const term of this.#terms.values()) {
      const never = { arrivedAt: -1e9, renewedAt: -1e9, confirmedAt: -1e9 }
      // Who was not heard to the end is shown the lease again, and may cancel it again.
      Object.assign(term, { ...never, cancelled: false })
    }
    for (const key of this.#receipts.keys()) {
      if (!this.#signed.has(key)) this.#receipts.delete(key)
    }
  }

  #welcomed(): readonly Other[] {
    const others = Array.from(this.#world.streams.values(), ({ other }) => other)
    return others.filter(({ welcomed }) => welcomed)
  }

  /** Whether a lease is of somebody, or of a chain that they go on with while its giver is away. */
  #answers({ writer }: Other, key: string): boolean {
    const [giver, job = ''] = key.split('/')
    if (chainOf(job) !== writer.chain) return false
    if (giver === writer.id) return true
    const isThere = (one: Other) => one.writer.id === giver && one.writer.chain === writer.chain
    return !this.#talking.some(isThere) || !this.#welcomed().some(isThere)
  }

  #checkNews(news: News): void {
    const speaks = this.#speaks
    const name = speaks?.writer.id
    if (news.type === 'leased' && !news.key.startsWith(`${name}/`)) {
      throw new Error(`${name} gave the lease of another`)
    }
    if (news.type === 'sealed' && this.#over.has(news.key)) {
      throw new Error(`${news.key} was given back, and sealed`)
    }
    if (news.type !== 'ended') return
    const mayEnd = speaks !== undefined && this.#answers(speaks, news.key)
    if (news.without === 'cancelled' && !mayEnd) {
      throw new Error(`${name} ended the lease of another`)
    }
    const late = news.without === 'cancelled' || news.without === 'expired'
    if (!late) this.#over.add(news.key)
  }
}

function keyIn(name: RowName): string {
  return name.slice(name.indexOf('/') + 1)
}
