import { explain } from '@nexapod/specs'
import { processConfig, usage } from './config.ts'
import { openNode } from './node.ts'

/** Facts as lines of JSON; the first says who the node is. */
function say(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

const config = await processConfig(process.argv.slice(2)).catch((cause: unknown) => {
  process.stderr.write(`${usage}\n`)
  throw cause
})
const opened = await openNode({ ...config, tell: say })
if (!opened.ok) throw new Error(explain(opened.refusal))

{
  await using node = opened.value
  let told = 0
  // First it finishes what it runs; told again, it gives that back.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => node.order(told++ === 0 ? 'finish' : 'stop'))
  }
  say({ type: 'opened', node: node.id })
  await node.finished
}
