import type { Event, Noted } from './history.ts'

/** A chain as it was read at the end. */
export interface ReadChain {
  readonly chain: string
  /** The hash of each entry. */
  readonly hashes: readonly string[]
  readonly facts: readonly (Noted & { readonly seq: number; readonly epoch: number })[]
  /** The epoch that it ends in. */
  readonly epoch: number
}

/** Every chain of a history, as it was read at the end. */
export function readChains(events: readonly Event[]): ReadonlyMap<string, ReadChain> {
  const chains = new Map<string, Reading>()
  for (const event of events) {
    if (event.type !== 'entry') continue
    const { chain, epoch, seq, hash } = event
    const one = chains.get(chain) ?? { hashes: [], facts: [], epoch }
    chains.set(chain, one)
    if (seq !== one.hashes.length) throw new Error(`entry ${seq} after ${one.hashes.length}`)
    one.hashes.push(hash)
    one.epoch = epoch
    for (const fact of event.facts) one.facts.push({ ...fact, seq, epoch })
  }
  return new Map([...chains].map(([chain, one]) => [chain, { chain, ...one }]))
}

interface Reading {
  readonly hashes: string[]
  readonly facts: (Noted & { seq: number; epoch: number })[]
  epoch: number
}
