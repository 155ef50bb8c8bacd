/** The command that runs the rest of its line on a host, with another clock or with mistakes. */
export function through(
  host: readonly string[],
  clockMs: number,
  mutations: readonly string[],
): readonly string[] {
  const clock = new URL('./clock.ts', import.meta.url)
  clock.searchParams.set('ms', String(clockMs))
  const before = mutations.map((name) => {
    const mistake = new URL('./mistake.ts', import.meta.url)
    mistake.searchParams.set('name', name)
    return mistake
  })
  if (clockMs !== 0) before.push(clock)
  if (before.length === 0) return host
  return [...host, 'env', `NODE_OPTIONS=${before.map(({ href }) => `--import=${href}`).join(' ')}`]
}
