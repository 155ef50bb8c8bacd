import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { lookHere, openStore } from '../../ledger/store/index.ts'
import { Writer } from '../../ledger/test/chains.ts'
import { losePower, type Power } from './power/power.ts'

/** How a writer comes to its end. */
export type End =
  /** At the so-manieth sync, before it happens. */
  | { readonly how: 'killed at sync'; readonly sync: number }
  /** As soon as it has said so many sizes: somewhere in the next writes. */
  | { readonly how: 'killed at word'; readonly word: number }
  /** The so-manieth sync fails. */
  | { readonly how: 'sync fails'; readonly sync: number }
  /** No file may grow beyond so many blocks of 512 bytes. */
  | { readonly how: 'disk is full'; readonly blocks: number }
  /** The power goes, and with it what was not synced. */
  | ({ readonly how: 'loses power' } & Power)

/** What a writer said before its end, and what was found when its store was opened again. */
export interface Aftermath {
  readonly acknowledged: number
  readonly refused: string[]
  readonly size: number
  /** What is wrong with the store, if anything. */
  readonly wrong?: string
}

/** Entries of the chain that writers write. */
export const count = 2500
const { entries } = new Writer().fill(count)
const program = fileURLToPath(new URL('./writer.ts', import.meta.url))

/** Whether a process can be stopped at a system call here. */
export const canInject = spawnSync('strace', ['-f', '--seccomp-bpf', 'true']).status === 0

/** Lets a writer write until its end, then opens what it left. */
export async function crash(directory: string, end: End): Promise<Aftermath> {
  if (end.how === 'loses power') return await losePower(directory, end, foundAt)
  const words = end.how === 'killed at word' ? end.word : Number.POSITIVE_INFINITY
  const said = await write(commandOf(directory, end), words)
  return { ...said, ...(await foundAt(directory, said.acknowledged)) }
}

/** The command of a writer that writes all that there is. */
export function writerOf(directory: string, groups: number, rowBytes = 0): string[] {
  return [process.execPath, program, directory, ...[count, groups, rowBytes].map(String)]
}

/** Lets a writer write until its end, or so many words, and gives what it said. */
export async function write(command: readonly string[], wordsMax = Number.POSITIVE_INFINITY) {
  const [first = '', ...others] = command
  const child = spawn(first, others, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const ended = once(child, 'close')
  let acknowledged = 0
  let words = 0
  const refused: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [what = '', value = ''] = line.split(/ (.*)/)
    if (what === 'acknowledged') acknowledged = Math.max(acknowledged, Number(value))
    else refused.push(value)
    words++
    if (words === wordsMax) child.kill('SIGKILL')
  }
  await ended
  return { acknowledged, refused }
}

/** Opens what a writer left, and finds what is wrong with it. */
export async function foundAt(directory: string, acknowledged: number) {
  const opened = await openStore({ directory, look: lookHere })
  if (!opened.ok) {
    const { code, at, detail } = opened.refusal
    return { size: 0, wrong: `${code} ${at}: ${detail}` }
  }
  await using store = opened.value
  const { size } = store.tip
  if (size < acknowledged) return { size, wrong: `${size} of ${acknowledged} are there` }
  let seq = 0
  for await (const answer of store.pages()) {
    for (const bytes of answer.ok ? answer.value : [undefined]) {
      if (!bytes || Buffer.compare(bytes, entries[seq] as Uint8Array) !== 0) {
        return { size, wrong: `entry ${seq} is another` }
      }
      seq++
    }
  }
  const rows = store.givenKeys().length
  // A row for each append: with an entry there is its row, without it there is none.
  let appends = 0
  for (const key of store.givenKeys()) {
    const at = Number(Buffer.from(key).toString().slice(4))
    if (at < size) appends++
  }
  if (rows !== appends) return { size, wrong: `${rows - appends} rows without their entries` }
  return { size, ...(seq === size ? {} : { wrong: `${seq} of ${size} entries` }) }
}

function commandOf(directory: string, end: Exclude<End, Power>): string[] {
  const writer = writerOf(directory, end.how === 'killed at word' ? 3 : 2)
  const strace = ['strace', '-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e']
  switch (end.how) {
    case 'killed at sync':
      return [...strace, `inject=fdatasync:signal=SIGKILL:when=${end.sync}`, ...writer]
    case 'sync fails':
      return [...strace, `inject=fdatasync:error=EIO:when=${end.sync}`, ...writer]
    case 'disk is full':
      return ['sh', '-c', `ulimit -f ${end.blocks}; exec "$@"`, 'sh', ...writer]
    case 'killed at word':
      return writer
  }
}
