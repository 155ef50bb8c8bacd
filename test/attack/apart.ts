import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Gives who is attacked a core of its own, where there are two, and who attacks what the others on
 * the other core leave: strangers have machines of their own, and what is measured is what they
 * cost this one. The two event loops come before all else that is on their cores: their collectors
 * and compilers, and whatever this machine does beside, would take them away for four milliseconds
 * at a time. What was done, in words.
 */
export function apart([victim = 0, ...honest]: readonly number[], attacker: number): string {
  if (availableParallelism() < 2) return 'one core for all'
  const ran = [
    run('taskset', ['-a', '-c', '-p', '1', String(victim)]),
    run('taskset', ['-c', '-p', '0', String(victim)]),
    run('chrt', ['-R', '-r', '-p', '1', String(victim)]),
    ...honest.flatMap((pid) => [
      run('taskset', ['-a', '-c', '-p', '1', String(pid)]),
      run('chrt', ['-R', '-r', '-p', '1', String(pid)]),
    ]),
    run('taskset', ['-a', '-c', '-p', '1', String(attacker)]),
    run('chrt', ['-a', '-i', '-p', '0', String(attacker)]),
  ]
  return ran.every(Boolean)
    ? 'the attacked loop has a core; honest nodes have the other, and attackers its rest'
    : 'no taskset or chrt here: attackers take time from those whom they attack'
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
