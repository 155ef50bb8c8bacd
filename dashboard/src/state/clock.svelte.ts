/** The time of this page, which goes on each second while somebody looks. */
export const clock = $state({ now: Date.now() })

setInterval(() => {
  if (document.visibilityState === 'visible') clock.now = Date.now()
}, 1000)
