import { join } from 'node:path'
import { openHttp } from '../../coordinator/shell/index.ts'
import type { Seat } from './three-here.ts'

interface Job {
  readonly id: string
  readonly chain: string
  readonly state: string
  readonly accepted: number
  readonly micro: number
}

/** What the HTTP API of a coordinator shows to everybody. */
export interface Wall {
  /** What each owner has earned, by its key. */
  readonly earned: ReadonlyMap<string, number>
  readonly jobs: readonly Job[]
  readonly chains: readonly { readonly chain: string; readonly role: string; epoch: number }[]
}

/** What a coordinator shows, as soon as it is what is waited for. */
export async function wallOf(seat: Seat, isIt: (wall: Wall) => boolean): Promise<Wall> {
  if (seat.coordinator === undefined) throw new Error(`${seat.id} is not there`)
  const quiet = () => {}
  await using http = await openHttp(seat.coordinator, {
    ...{ directory: join(seat.directory, 'http'), host: '127.0.0.1', port: 0, origins: [] },
    log: { info: quiet, warn: quiet, error: quiet },
  })
  const ask = async (path: string) => {
    const answer = await fetch(`${http.address}/api/v1/${path}`)
    return ((await answer.json()) as { items?: never[] }).items ?? []
  }
  for (;;) {
    const owners: readonly { id: string; micro: number }[] = await ask('wall?limit=100')
    const earned = new Map(owners.map(({ id, micro }) => [id, micro]))
    const wall = { earned, jobs: await ask('jobs?limit=100'), chains: await ask('chains') }
    if (isIt(wall)) return wall
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** What all owners have earned together. */
export function allOf({ earned }: Wall): number {
  return [...earned.values()].reduce((sum, micro) => sum + micro, 0)
}
