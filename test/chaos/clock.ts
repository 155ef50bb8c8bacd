/**
 * Loaded before a program (`node --import clock.ts?ms=3600000`), this shifts the clock on the wall
 * of its process, and of all threads and processes that it begins, and not the one that never goes
 * back. So one process has another time than its machine, as a machine has whose clock is wrong.
 */
const ms = Number(new URL(import.meta.url).searchParams.get('ms'))
if (!Number.isSafeInteger(ms)) throw new Error('by how many milliseconds?')

const { now } = Date

Date.now = () => now() + ms

globalThis.Date = new Proxy(Date, {
  construct: (usual, args, target) => {
    return Reflect.construct(usual, args.length === 0 ? [now() + ms] : args, target)
  },
  apply: () => new Date(now() + ms).toString(),
})
