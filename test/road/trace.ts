import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const calls = 'connect,bind,listen,sendto,sendmsg,sendmmsg'

/** Whether this machine can trace what a process does with its sockets. */
export const canTrace = spawnSync('strace', ['-f', 'true']).status === 0

/** What a process did with a socket of the internet: which call, and to which address. */
export interface Act {
  readonly call: string
  readonly address: string
}

/** A trace that a command is run under, and what it found. */
export function trace() {
  const file = join(mkdtempSync(join(tmpdir(), 'nexapod-trace-')), 'calls')
  return {
    command: ['strace', '-f', '-qq', '-e', `trace=${calls}`, '-o', file],
    acts: (): Act[] => actsIn(readFileSync(file, 'utf8')),
  }
}

function actsIn(lines: string): Act[] {
  const acts: Act[] = []
  for (const line of lines.split('\n')) {
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1]
    const ip4 = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)/.exec(line)
    const ip6 = /sin6_port=htons\((\d+)\).*inet_pton\(AF_INET6, "([^"]+)"/.exec(line)
    const [, port, host] = ip4 ?? ip6 ?? []
    if (call === undefined) continue
    if (host !== undefined) acts.push({ call, address: `${host}:${port}` })
    // One of another form, or one that another thread interrupted, would be one that nobody sees.
    else if (/AF_INET|unfinished.*AF_/.test(line)) acts.push({ call, address: line })
    else if (call === 'listen') acts.push({ call, address: '' })
  }
  return acts
}

/** What a small program does, for the trace to be seen at work. */
export function actsOf(program: string): Act[] {
  const { command, acts } = trace()
  const [strace, ...args] = command
  execFileSync(strace as string, [...args, process.execPath, '-e', program])
  return acts()
}
