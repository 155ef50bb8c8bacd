/** A page of a list of so many owners, each of whom earned a little less than the one before. */
export function ownersOf(query: string, owners: number): string {
  const asked = new URLSearchParams(query.slice(query.indexOf('?')))
  const q = asked.get('q')
  const from = Number(asked.get('cursor') ?? 1) - 1
  const all = q === null ? range(from, Math.min(100, owners - from)) : found(q, owners)
  const items = all.map((place) => {
    const rank = place + 1
    const id = `12D3KooW${String(rank).padStart(44, 'A').replaceAll('0', 'z')}`
    return { rank, id, name: nameOf(rank), micro: owners - place, recentMicro: 1, climbs: 0 }
  })
  return JSON.stringify({ items, owners })
}

function found(q: string, owners: number): number[] {
  return range(0, owners).filter((place) => {
    return nameOf(place + 1)
      .toLowerCase()
      .startsWith(q.toLowerCase())
  })
}

function nameOf(rank: number): string {
  return `Owner ${rank}`
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
}
