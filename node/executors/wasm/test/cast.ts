import { readFileSync } from 'node:fs'
import type { Executed } from '../../executor.ts'
import { admit } from '../run/module.ts'
import { type Module, run } from '../run/run.ts'
import type { Program, Ran, Task } from '../run/task.ts'

/** The modules that were built of the sources beside them. */
export const built = ['suite', 'probes'] as const

/** The bytes of one of them. */
export function moduleBytes(name: (typeof built)[number]): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./modules/${name}.wasm`, import.meta.url)))
}

/** A program that runs one of them with arguments. */
export function program(module: string, args: readonly string[], more?: Partial<Program>): Program {
  return { module, args, variables: {}, ignoreError: false, ...more }
}

/** A task of some programs, with room and fuel for what a test does. */
export function taskOf(programs: readonly Program[], more: Partial<Task> = {}): Task {
  return {
    programs,
    files: [],
    directories: [],
    outputs: [{ path: '/out', kind: 'directory' }],
    fuel: 10 ** 8,
    memoryBytesMax: 64 * 1024 * 1024,
    fileBytesMax: 10 ** 6,
    epochMs: 1_700_000_000_000,
    seed: new Uint8Array(32).fill(7),
    ...more,
  }
}

/** Text as a file has it. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** What a file of an output holds, as text. */
export function textAt(ran: Ran | Executed, path: string): string | undefined {
  if (ran.type === 'failed') return undefined
  const files = ran.outputs.flatMap((output) => output.files)
  const file = files.find((one) => one.path === path)
  return file && new TextDecoder().decode(file.bytes)
}

/** Runs a task in this process, and gives what it left and what it said. */
export function runHere(task: Task): { ran: Ran; log: string } {
  let log = ''
  const ran = run(task, modulesOf(task), (_, bytes) => {
    log += new TextDecoder().decode(bytes)
  })
  if (ran.type === 'failed') throw new Error(`the machine failed: ${ran.reason}`)
  return { ran, log }
}

function modulesOf({ programs, memoryBytesMax }: Task): Map<string, Module> {
  return new Map(
    programs.map(({ module }) => {
      const key = `${module} ${memoryBytesMax}`
      const known = admitted.get(key) ?? admittedNow(module, memoryBytesMax)
      admitted.set(key, known)
      return [module, known]
    }),
  )
}

function admittedNow(name: string, memoryBytesMax: number): Module {
  const found = built.find((one) => one === name)
  if (found === undefined) throw new Error(`there is no module ${name}`)
  const answer = admit(moduleBytes(found), memoryBytesMax)
  if ('failed' in answer) throw new Error(`${name} was not compiled: ${answer.failed}`)
  if (answer.refusal !== undefined) throw new Error(`${name} is refused: ${answer.refusal}`)
  return answer.module
}

const admitted = new Map<string, Module>()
