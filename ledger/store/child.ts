import { lookHere } from './look.ts'
import type { Said, Task } from './task.ts'

/** The other side of `lookInChild`: does one task after the other, and says what came of each. */
process.on('message', (task: Task) => {
  const answer = lookHere(task, {
    onProgress: (done, size) => say({ said: 'progress', done, size }),
    onAudit: (audit) => say({ said: 'audit', audit }),
    onSalvage: (salvage) => say({ said: 'salvage', salvage }),
  })
  // What is thrown ends this process, and its parent says so.
  void answer.then((done) => say({ said: 'done', answer: done }))
})

// Whose parent was killed must not go on in a directory that the next one opens.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

function say(said: Said): void {
  process.send?.(said)
}
