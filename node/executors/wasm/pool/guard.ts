import { type ChildProcess, spawn } from 'node:child_process'

/**
 * What stands still cannot see that its parent is gone. So before the first child is stopped, a
 * shell is told its number; when the parent ends, however it does, the shell ends the children.
 */
export class Guard {
  #shell: ChildProcess | undefined

  /** Has these processes, and no others, ended with this one. */
  watch(pids: readonly number[]): void {
    this.#shell ??= this.#begin()
    if (this.#shell.stdin?.writable) this.#shell.stdin.write(`${pids.join(' ')}\n`)
  }

  /** Whether there is anything to be told. */
  get stands(): boolean {
    return this.#shell !== undefined
  }

  close(): void {
    this.#shell?.stdin?.end('\n')
  }

  #begin(): ChildProcess {
    const shell = spawn(
      '/bin/sh',
      ['-c', 'while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -KILL $pids'],
      { env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
    )
    // Where there is no shell, as in the smallest containers, there is nobody to outlive either:
    // a container ends with its first process, whatever stands still in it.
    const gone = () => shell.stdin?.destroy()
    shell.on('error', gone)
    shell.stdin?.on('error', gone)
    return shell
  }
}
