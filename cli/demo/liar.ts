/**
 * A node that lies, for the demo to find it out: it runs what it is given, and changes a digit of
 * each output before anybody sees it. The real node has nothing of this.
 */
import { type Executor, type Output, openWasmExecutor } from '@nexapod/node'
import { openNode, processConfig } from '@nexapod/node/shell'
import { explain } from '@nexapod/specs'

function lying(honest: Executor): Executor {
  return {
    kind: honest.kind,
    probe: (signal) => honest.probe(signal),
    async run(...unit) {
      const executed = await honest.run(...unit)
      if (executed.type === 'failed') return executed
      return { ...executed, outputs: executed.outputs.map(changed) }
    },
    freeze: (key) => honest.freeze(key),
    thaw: (key) => honest.thaw(key),
    pace: (cpuPercent) => honest.pace(cpuPercent),
    [Symbol.asyncDispose]: () => honest[Symbol.asyncDispose](),
  }
}

/** The same output with another last digit: as plausible as the true one. */
function changed(output: Output): Output {
  const files = output.files.map(({ path, bytes }) => {
    const text = Buffer.from(bytes).toString('latin1')
    const other = text.replace(/\d(?=\D*$)/, (digit) => `${(Number(digit) + 1) % 10}`)
    return { path, bytes: new Uint8Array(Buffer.from(other, 'latin1')) }
  })
  return { ...output, files }
}

const config = await processConfig(process.argv.slice(2))
const opened = await openNode({
  ...config,
  openExecutors: (cores, content) => [lying(openWasmExecutor(cores, content))],
  tell: (facts) => process.stdout.write(`${JSON.stringify(facts)}\n`),
})
if (!opened.ok) throw new Error(explain(opened.refusal))

{
  await using node = opened.value
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => node.order('stop'))
  process.stdout.write(`${JSON.stringify({ type: 'opened', node: node.id })}\n`)
  await node.finished
}
