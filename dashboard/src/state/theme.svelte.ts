/** How the page looks: as the system does, or as was chosen by hand. */
export type Theme = 'system' | 'light' | 'dark'

const key = 'nexapod-theme'
const kept = localStorage.getItem(key)

/** What was chosen. */
export const theme = $state<{ is: Theme }>({
  is: kept === 'light' || kept === 'dark' ? kept : 'system',
})

apply()

/** Chooses how the page looks, here and at the next visit. */
export function choose(is: Theme): void {
  theme.is = is
  if (is === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, is)
  apply()
}

function apply(): void {
  const { dataset } = document.documentElement
  if (theme.is === 'system') delete dataset.theme
  else dataset.theme = theme.is
}
