import { goto } from '$app/navigation'
import { page } from '$app/state'

/** What stands behind the question mark of the address: links to a page are links to its state. */
export function wanted(key: string): string | undefined {
  const [, query = ''] = page.url.hash.split('?')
  return new URLSearchParams(query).get(key) ?? undefined
}

/** Changes that, without a step back for each letter; what is usual does not stand there. */
export function want(changes: Readonly<Record<string, string | undefined>>): void {
  const [path = '#/', query = ''] = page.url.hash.split('?')
  const now = new URLSearchParams(query)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === '') now.delete(key)
    else now.set(key, value)
  }
  const next = now.size === 0 ? path : `${path}?${now}`
  if (next === page.url.hash) return
  void goto(next, { replace: true, reset: false })
}
