import { performance } from 'node:perf_hooks'
import { Database } from '../../coordinator/shell/http/register/database.ts'
import { Places } from '../../coordinator/shell/http/register/places.ts'
import { Ranges } from '../../coordinator/shell/http/register/ranges.ts'
import { Reader } from '../../coordinator/shell/http/register/reader.ts'
import { Recent } from '../../coordinator/shell/http/register/recent.ts'
import { SaidOf } from '../../coordinator/shell/http/register/said.ts'
import { Sums } from '../../coordinator/shell/http/register/sums.ts'
import { tables, version } from '../../coordinator/shell/http/register/tables.ts'
import { accept, type OwnerId } from '../../specs/index.ts'
import type { Figure } from './harness.ts'

const owners = 100_000
const rounds = 200

/** How fast a coordinator finds who stands where among so many owners, all of whom have a name. */
export async function ownerFigures(): Promise<readonly Figure[]> {
  using database = new Database(':memory:')
  database.make(tables, version)
  const now = Date.now()
  database.run('insert into about values (?, 0, ?, 0, ?)', 'chain', '', now)
  const sums = new Sums(database)
  const ranges = new Ranges(database, sums)
  const recent = new Recent(database, sums)
  const ids = Array.from({ length: owners }, (_, i) => idOf(i))
  database.atomically(() => {
    for (const [i, id] of ids.entries()) {
      database.run('insert into owners (id, since) values (?, ?)', id, now)
      const micro = ((i * 7919) % owners) + 1
      sums.add('update owners set micro = micro + ? where id = ?', micro, id)
      ranges.add(id, micro, now)
      recent.add(id, micro, now)
    }
    sums.flush()
  })
  const began = performance.now()
  const places = new Places(database)
  const placed = (performance.now() - began) * 1000
  const reader = new Reader({ database, ranges, recent, places, wall: () => now })
  await using said = new SaidOf(database, {
    sayers: () => ids as OwnerId[],
    said: async (of) =>
      accept({ name: `Owner ${of.charCodeAt(20) * 13 + of.charCodeAt(21)}`, country: 'DE' }),
  })
  await said.caughtUp()
  const some = (i: number) => ids[(i * 4099) % owners] ?? ''
  return [
    { name: `put ${owners} owners in their places`, us: placed, perSecond: per(placed) },
    took('a page of 100 from anywhere, with trends', (i) =>
      reader.leaders('week', ((i * 4099) % owners) + 1, 100),
    ),
    took('the place of an owner', (i) => reader.placeOf('month', some(i))),
    took('owners by the end of a key', (i) =>
      reader.leadersAmong('all', reader.ownersLike(some(i).slice(-8), 2000), 100),
    ),
    took('owners by a whole name', (i) =>
      reader.leadersAmong('all', said.named(`owner ${(i % 800) + 800}`, 2000), 100),
    ),
    took('owners by three letters of a name, 2000 looked at', () =>
      reader.leadersAmong('all', said.named('own', 2000), 100),
    ),
    took('an owner earns something', (i) => {
      const id = some(i)
      sums.add('update owners set micro = micro + ? where id = ?', 500, id)
      ranges.add(id, 500, now)
      recent.add(id, 500, now)
      sums.flush()
    }),
  ]
}

function took(name: string, act: (round: number) => unknown): Figure {
  const each: number[] = []
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    act(i)
    each.push((performance.now() - began) * 1000)
  }
  const us = each.sort((a, b) => a - b)[rounds / 2] ?? 0
  return { name, us, perSecond: per(us) }
}

function per(us: number): number {
  return Number((1e6 / us).toPrecision(3))
}

const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A key that looks like one: all begin alike, and then no two do. */
function idOf(i: number): string {
  let id = ''
  for (let n = i * 2_654_435_761 + 12_345; id.length < 44; n = (n * 31 + 7) % 2 ** 45) {
    id += letters[n % 58]
  }
  return `12D3KooW${id}`
}
