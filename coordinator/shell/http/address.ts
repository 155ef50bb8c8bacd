import { isIPv6 } from 'node:net'

/**
 * What an address is counted as: of IPv6 the /64, for that is what one line is given, and one of
 * IPv4 in the clothes of IPv6 as what it is. Who has gone before it was read has none.
 */
export function addressOf(ip: string | undefined): string {
  if (ip === undefined) return 'gone'
  const [plain = ip] = ip.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - behind.length }, () => '0')
  const groups = [...before, ...(tail === undefined ? [] : zeros), ...behind].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** Who is in, of all and of each address, so that neither is more than may be. */
export class Turnstile {
  readonly #max: number
  readonly #perAddressMax: number
  readonly #in = new Map<string, number>()
  #all = 0

  constructor(max: number, perAddressMax: number) {
    this.#max = max
    this.#perAddressMax = perAddressMax
  }

  /** How many are in. */
  get size(): number {
    return this.#all
  }

  /** Whether there was room for one more of an address, who is in then. */
  enter(address: string): boolean {
    const own = this.#in.get(address) ?? 0
    if (this.#all >= this.#max || own >= this.#perAddressMax) return false
    this.#all++
    this.#in.set(address, own + 1)
    return true
  }

  /** The same until the signal; who has gone already would never leave, and is not let in. */
  enterUntil(address: string, signal: AbortSignal): boolean {
    if (signal.aborted || !this.enter(address)) return false
    signal.addEventListener('abort', () => this.leave(address), { once: true })
    return true
  }

  /** One of an address who was in has gone. */
  leave(address: string): void {
    const own = this.#in.get(address) ?? 0
    if (own === 0) throw new Error(`nobody of ${address} is in`)
    this.#all--
    if (own === 1) this.#in.delete(address)
    else this.#in.set(address, own - 1)
  }
}
