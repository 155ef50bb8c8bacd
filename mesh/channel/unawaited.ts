/** Lets a mistake of ours end the process: nobody awaits it, and nobody may go on after it. */
export function throwing(promise: Promise<unknown>): void {
  promise.catch((cause: unknown) => {
    queueMicrotask(() => {
      throw cause
    })
  })
}
