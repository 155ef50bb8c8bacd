import type { Ran, Task } from '../run/task.ts'

/** The benchmark as a task, and what it gives everywhere: its answer, and its fuel to the last. */
export const known = { rounds: 500, answer: 'ee0125f3cb94294c', fuel: 105677273 } as const

/** The task that computes so many rounds of the benchmark. */
export function benchmarkTask(rounds: number): Task {
  return {
    programs: [
      {
        module: 'benchmark',
        args: [String(rounds)],
        variables: {},
        stdout: '/out/answer.txt',
        ignoreError: false,
      },
    ],
    files: [],
    directories: [],
    outputs: [{ path: '/out/answer.txt', kind: 'file' }],
    fuel: 10 ** 12,
    memoryBytesMax: 64 * 1024 * 1024,
    fileBytesMax: 1024,
    epochMs: 0,
    seed: new Uint8Array(32),
  }
}

/** What a run of the benchmark printed. */
export function answerOf({ outputs }: Ran): string {
  const [file] = outputs.flatMap(({ files }) => files)
  return new TextDecoder().decode(file?.bytes).trim()
}
