/** A page of a list of so many owners, each of whom earned a little less than the one before. */
export function ownersOf(query: string, owners: number): string {
  const cursor = new URLSearchParams(query.slice(query.indexOf('?'))).get('cursor')
  const from = Number(cursor?.split('.')[0] ?? 0)
  const items = Array.from({ length: Math.min(100, owners - from) }, (_, i) => {
    const rank = from + i + 1
    const id = `12D3KooW${String(rank).padStart(44, 'A').replaceAll('0', 'z')}`
    return { rank, id, name: `Owner ${rank}`, micro: owners - rank + 1, microPerDay: 1 }
  })
  const last = items.at(-1)
  const next =
    from + items.length < owners ? { next: `${last?.rank}.${last?.micro}.${last?.id}` } : {}
  return JSON.stringify({ items, ...next })
}
