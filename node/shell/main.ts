import { flushCompileCache } from 'node:module'
import { explain, type NodeId, type Refusal } from '@nexapod/specs'
import { explainReason } from '../core/limits/reasons.ts'
import { processConfig, usage } from './config.ts'
import { type Node, type NodeConfig, openNode } from './node.ts'

type News = Parameters<NodeConfig['tell']>[0] | { readonly type: 'opened'; readonly node: NodeId }

/** Lines that were not written yet, and for how long: to write costs as much as to run a unit. */
let lines = ''
const gatherMs = 50

/** Whether a person reads this: what others read must not have the key to the page in it. */
const isWatched = process.stdout.isTTY === true

/** Facts as lines of JSON, with when, and with a sentence where a code stands for one. */
function say(news: News): void {
  const line = { time: new Date().toISOString(), ...news, ...sentence(news) }
  if (lines === '') setTimeout(write, gatherMs)
  lines += `${JSON.stringify(line)}\n`
}

function write(): void {
  process.stdout.write(lines)
  lines = ''
}

function sentence(news: News): { readonly says?: string } {
  if (news.type === 'idle') return { says: news.reasons.map(explainReason).join(' ') }
  const refusal: Refusal | undefined = 'refusal' in news ? news.refusal : undefined
  return refusal === undefined ? {} : { says: explain(refusal) }
}

process.on('exit', write)

const config = await processConfig(process.argv.slice(2)).catch((cause: Error) => {
  unbegun(`${cause.message}\n${usage}`)
})
if (config !== undefined) {
  const opened = await openNode({ ...config, tell: say })
  if (opened.ok) await lent(opened.value)
  else unbegun(explain(opened.refusal))
}

/** Says to whoever typed it why it does not begin: nothing is broken, so there is no stack. */
function unbegun(why: string): void {
  process.stderr.write(`error: The node does not begin.\n  why   ${why}\n`)
  process.exitCode = 1
}

/** Lends the machine until it has done what it is told last. */
async function lent(opened: Node): Promise<void> {
  await using node = opened
  // First it finishes what it runs; told again, it gives that back; the third time it is killed.
  const orders = ['finish', 'stop'] as const
  let told = 0
  const obey = (signal: NodeJS.Signals) => {
    const order = orders[told++]
    if (order !== undefined) node.order(order)
    else process.off(signal, obey).kill(process.pid, signal)
  }
  process.on('SIGTERM', obey).on('SIGINT', obey)
  say({ type: 'opened', node: node.id })
  // If what was compiled is kept, it is now: who is killed has no end to do that at.
  flushCompileCache()
  if (isWatched && node.page !== undefined) say({ type: 'page', address: node.page })
  await node.finished
}
