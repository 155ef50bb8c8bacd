const key = 'nexapod-me'

/** Which owner the visitor says to be: it is pinned on the list of owners. Kept in this browser. */
export const me = $state<{ id: string | undefined }>({
  id: localStorage.getItem(key) ?? undefined,
})

/** Pins an owner, or nobody. */
export function pin(id: string | undefined): void {
  me.id = id
  if (id === undefined) localStorage.removeItem(key)
  else localStorage.setItem(key, id)
}
