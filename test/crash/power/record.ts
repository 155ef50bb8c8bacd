import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

/** A system call that had its way, as strace wrote it down. */
export interface Call {
  readonly name: string
  /** As they are written: a text in quotes, each of its bytes as `\x00`. */
  readonly args: readonly string[]
  readonly result: number
  /** The line where it began. A sync makes safe what took effect before that. */
  readonly began: number
  /** The line where it takes effect: its last one. A file is closed on the first. */
  readonly line: number
}

/**
 * What changes files, their names, or what is safe. `?` is before what some machines do not have.
 * What is missing here shows: the replay is compared with the files in the end.
 */
const traced = [
  ...['?open', 'openat', '?creat', 'close', 'lseek'],
  ...['write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'copy_file_range', 'sendfile'],
  ...['?mkdir', 'mkdirat', '?rename', 'renameat', 'renameat2', '?link', 'linkat'],
  ...['?unlink', 'unlinkat', '?rmdir', 'fsync', 'fdatasync'],
]

/** Longer than whatever is written at once: without its bytes a write could not be replayed. */
const textBytesMax = 16 * 1024 * 1024

/** Runs a command to its end and gives the system calls by which it changed files. */
export async function recorded(command: readonly string[], to: string): Promise<Call[]> {
  const strace = ['-f', '-qq', '--seccomp-bpf', '-xx', '-s', `${textBytesMax}`, '-o', to]
  const options = [...strace, '-e', `trace=${traced.join(',')}`, '-e', 'signal=none']
  const child = spawn('strace', [...options, ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.on('data', (bytes) => {
    words += bytes
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${words}`)
  return callsIn(await readFile(to, 'latin1'))
}

/** The text of an argument, as bytes. */
export function bytesOf(arg = ''): Buffer {
  return Buffer.from(arg.slice(1, -1).replaceAll('\\x', ''), 'hex')
}

/** Reads what strace wrote: calls that overlap are cut in two there, and joined here. */
function callsIn(record: string): Call[] {
  const calls: Call[] = []
  const begun = new Map<string, { readonly head: string; readonly began: number }>()
  for (const [i, line] of record.split('\n').entries()) {
    const space = line.indexOf(' ')
    const thread = line.slice(0, space)
    const text = line.slice(space).trimStart()
    const cut = text.indexOf(' <unfinished ...>')
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text)?.[0]
    if (cut >= 0) {
      begun.set(thread, { head: text.slice(0, cut), began: i })
    } else if (resumed !== undefined) {
      const { head, began } = begun.get(thread) ?? { head: '', began: i }
      const call = callOf(head + text.slice(resumed.length), began, i)
      if (call) calls.push(call)
    } else {
      const call = callOf(text, i, i)
      if (call) calls.push(call)
    }
  }
  return calls.sort((a, b) => a.line - b.line)
}

function callOf(text: string, began: number, ended: number): Call | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')', text.lastIndexOf(' = '))
  const result = Number.parseInt(text.slice(text.lastIndexOf(' = ') + 3), 10)
  if (open < 0 || close < open || !(result >= 0)) return undefined
  const name = text.slice(0, open)
  const args = text.slice(open + 1, close).match(/"[^"]*"|\[[^\]]*\]|[^,\s][^,]*/g) ?? []
  return { name, args, result, began, line: name === 'close' ? began : ended }
}
