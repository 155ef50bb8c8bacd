/**
 * A node whose machine computes otherwise than others: its outputs end with the word that its
 * directory is called by, in place of their last digit. All else about it is a node.
 */
import { basename } from 'node:path'
import { type Executor, openWasmExecutor } from '../../node/index.ts'
import { openNode, processConfig } from '../../node/shell/index.ts'
import { explain } from '../../specs/index.ts'

const config = await processConfig(process.argv.slice(2))
const end = basename(config.directory)

function strange(usual: Executor): Executor {
  return {
    ...{ kind: usual.kind, freeze: usual.freeze, thaw: usual.thaw, pace: usual.pace },
    probe: (signal) => usual.probe(signal),
    async run(...unit) {
      const executed = await usual.run(...unit)
      if (executed.type === 'failed') return executed
      const outputs = executed.outputs.map((output) => ({
        ...output,
        files: output.files.map(({ path, bytes }) => {
          const text = Buffer.from(bytes).toString('latin1')
          return { path, bytes: new Uint8Array(Buffer.from(text.replace(/\d(?=\D*$)/, end))) }
        }),
      }))
      return { ...executed, outputs }
    },
    [Symbol.asyncDispose]: () => usual[Symbol.asyncDispose](),
  }
}

const opened = await openNode({
  ...config,
  openExecutors: (cores, content) => [strange(openWasmExecutor(cores, content))],
  tell: (facts) => process.stdout.write(`${JSON.stringify(facts)}\n`),
})
if (!opened.ok) throw new Error(explain(opened.refusal))

{
  await using node = opened.value
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => node.order('stop'))
  await node.finished
}
