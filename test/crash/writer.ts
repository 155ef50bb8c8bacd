import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { lookHere, openStore } from '../../ledger/store/index.ts'
import { Writer } from '../../ledger/test/chains.ts'
import { takenOf } from '../../ledger/test/stores.ts'

/**
 * The one that is killed: appends to a store from where it stands, and says each size only after
 * it was acknowledged. `writeSync` makes sure that what was said is out before the kill.
 */
const [directory = '', count = '0', groups = '1', rowBytes = '0'] = process.argv.slice(2)
const entries = takenOf(new Writer().fill(Number(count)).entries)
const opened = await openStore({ directory, look: lookHere })
if (opened.ok) {
  await using store = opened.value
  writeSync(1, `acknowledged ${store.tip.size}\n`)
  // One that writes in no groups holds the store until its input ends.
  if (groups === '0') await once(process.stdin.resume(), 'end')
  const start = groups === '0' ? entries.length : store.tip.size
  let before: Promise<unknown> = Promise.resolve()
  for (let at = start; at < entries.length && store.stopped === undefined; ) {
    const size = 1 + ((at * 7) % 23)
    const several = Array.from({ length: Number(groups) }, async (_, i) => {
      const from = at + i * size
      const some = entries.slice(from, from + size)
      if (some.length === 0) return
      const key = new TextEncoder().encode(`row/${from}`)
      const value = new Uint8Array(Math.max(key.length, Number(rowBytes)))
      value.set(key)
      const answer = await store.append(some, [{ key, value }])
      if (answer.ok) writeSync(1, `acknowledged ${from + some.length}\n`)
      else writeSync(1, `refused ${answer.refusal.code}: ${answer.refusal.detail}\n`)
    })
    // So that the rows of one group are written while the anchor of the one before is.
    await before
    before = Promise.all(several)
    at += size * Number(groups)
  }
  await before
} else {
  const { code, detail } = opened.refusal
  writeSync(1, `refused ${code}: ${detail}\n`)
}
