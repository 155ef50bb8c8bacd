import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { Pool } from '../../../node/executors/wasm/pool/pool.ts'
import type { Task } from '../../../node/executors/wasm/run/task.ts'
import { ed25519 } from '../../../specs/index.ts'

const units = 4000
/** Units whose leases, acknowledgements and entries are signed and synced together. */
const batch = 64
const receipt = new Uint8Array(300)
const path = join(import.meta.dirname, 'unit.wasm')
const never = new AbortController().signal

/**
 * What no unit can do without, bare and on one core: a receipt signed and verified for each
 * execution, a lease and an acknowledgement signed and verified for each batch, and a synced write
 * of LevelDB of a kilobyte a unit. Microseconds a unit.
 */
export async function bareParts(executions: 1 | 2): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-bare-'))
  const signer = ed25519.signer(new Uint8Array(32).fill(7))
  const level = new Level<string, Uint8Array>(directory, { valueEncoding: 'view' })
  await level.open()
  const signed = (message: Uint8Array) => {
    if (!ed25519.verify(signer.id, message, signer.sign(message))) throw new Error('it is good')
  }
  const from = performance.now()
  for (let unit = 0; unit < units; unit += batch) {
    for (let i = 0; i < batch * executions; i++) signed(receipt)
    for (let i = 0; i < 2 * executions; i++) signed(receipt)
    const puts = Array.from({ length: batch }, (_, i) => {
      return { type: 'put' as const, key: String(unit + i), value: new Uint8Array(1024) }
    })
    await level.batch(puts, { sync: true })
  }
  const us = ((performance.now() - from) * 1000) / units
  await level.close()
  await rm(directory, { recursive: true })
  return us
}

/** Modules in the sandbox alone, two at a time: no mesh, no signatures, no disk. */
export class BareSandbox implements AsyncDisposable {
  readonly #pool = new Pool(2)

  /** Milliseconds of so many units of so many rounds. */
  async measure(count: number, rounds: number): Promise<number> {
    const from = performance.now()
    const left = Array.from({ length: count }, (_, i) => i).values()
    const next = async (key: string) => {
      for (const i of left) await this.#run(i, rounds, key)
    }
    await Promise.all([next('a'), next('b')])
    return performance.now() - from
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }

  async #run(i: number, rounds: number, key: string): Promise<void> {
    const returned = await this.#pool.run(taskOf(i, rounds), {
      ...{ key, deadlineMs: 60_000, signal: never, onLog: () => {} },
      module: async () => new Uint8Array(await readFile(path)),
    })
    if (returned.type === 'failed') throw new Error(returned.reason)
  }
}

function taskOf(i: number, rounds: number): Task {
  const args = [String(i), String(rounds)]
  const stdout = '/out/digest'
  return {
    programs: [{ module: 'unit', args, variables: {}, stdout, ignoreError: false }],
    ...{ files: [], directories: [], outputs: [{ path: stdout, kind: 'file' }] },
    ...{ fuel: 10 ** 12, memoryBytesMax: 10_000_000, fileBytesMax: 1_000_000 },
    ...{ epochMs: 0, seed: new Uint8Array(32) },
  }
}
