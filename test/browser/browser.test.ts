import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { known } from '../../node/executors/wasm/benchmark/known.ts'
import { program, runHere, taskOf } from '../../node/executors/wasm/test/cast.ts'
import { missing } from '../config.ts'
import { chromium, inTab } from './tab.ts'

test.skipIf(missing('chromium', existsSync(chromium)))(
  'a tab gives the same answers and the same fuel as Node.js',
  async () => {
    const said = await inTab(`
      import { admit, answerOf, benchmarkTask, known, run } from '/node/browser/index.ts'
      const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer())
      const ranOf = async (path, name, task) => {
        const { module } = admit(await bytesOf(path), task.memoryBytesMax)
        return run(task, new Map([[name, module]]), () => {})
      }
      const benchmark = benchmarkTask(known.rounds)
      const path = '/node/executors/wasm/benchmark/kernel.wasm'
      const ran = await ranOf(path, 'benchmark', benchmark)
      const tasks = ${JSON.stringify(attempts.map((attempt) => [attempt, taskText(attempt)]))}
      const others = []
      for (const [attempt, task] of tasks) {
        const real = { ...task, seed: Uint8Array.from(task.seed) }
        const probes = '/node/executors/wasm/test/modules/probes.wasm'
        const { ended, fuel, outputs } = await ranOf(probes, 'probes', real)
        const text = outputs[0].files.map(({ bytes }) => new TextDecoder().decode(bytes)).join()
        others.push([attempt, ended, fuel, text.length, text.slice(0, 1000)])
      }
      say({ answer: answerOf(ran), fuel: ran.fuel, others })
    `)
    expect(said).toEqual({
      answer: known.answer,
      fuel: known.fuel,
      others: attempts.map((attempt) => {
        const { ended, fuel, outputs } = runHere(taskNamed(attempt)).ran
        const files = outputs.flatMap((output) => output.files)
        const text = files.map(({ bytes }) => new TextDecoder().decode(bytes)).join()
        return [attempt, ended, fuel, text.length, text.slice(0, 1000)]
      }),
    })
  },
)

/** What could differ between two hosts, if anything could: endings, clocks, chance and errors. */
const attempts = ['surroundings', 'recurse', 'loop', 'trap', 'many-files', 'pointers', 'grow']

function taskNamed(attempt: string) {
  return taskOf([program('probes', [attempt], { stdout: '/out/text' })])
}

function taskText(attempt: string) {
  const task = taskNamed(attempt)
  return { ...task, seed: [...task.seed] }
}
