import { ask, type Problem } from '../api/ask.ts'
import { base, isKept } from './audit.svelte.ts'

/** A question to the API that is asked again and again while somebody looks at its answer. */
export class Question<T> {
  value = $state.raw<T | undefined>()
  problem = $state.raw<Problem | undefined>()

  /**
   * Call it while a component is made: the question ends with it. `path` may change; if it
   * `keeps`, the last answer is shown until the next is here.
   */
  constructor(path: () => string | undefined, everyMs = 5000, keeps = false) {
    // Only another path is another question, whatever it was made of.
    const asked = $derived(path())
    $effect(() => {
      if (!keeps) this.value = undefined
      this.problem = undefined
      if (asked === undefined) return
      const gone = new AbortController()
      void this.#repeat(asked, everyMs, gone.signal)
      return () => gone.abort()
    })
  }

  async #repeat(path: string, everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const said = await ask<T>(base, path, signal)
      if (signal.aborted) return
      if (said.ok) {
        this.value = said.value
        this.problem = undefined
      } else {
        this.problem = said.problem
      }
      // A snapshot does not change.
      if (isKept) return
      const wait = said.ok ? everyMs : Math.max(everyMs, said.problem.retryMs ?? 0)
      await waited(wait, signal)
      await seen(signal)
    }
  }
}

function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Until somebody looks. */
function seen(signal: AbortSignal): Promise<void> {
  if (document.visibilityState === 'visible' || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => resolve())
  })
}
