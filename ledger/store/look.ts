import { audited } from './audited.ts'
import { probed } from './probed.ts'
import { salvaged } from './salvaged.ts'
import type { Look } from './task.ts'

/** Does a task in this process, which a damaged file may end. */
export const lookHere: Look = (task, listening = {}) => {
  const { directory, scratch } = task
  switch (task.task) {
    case 'probe':
      return probed(directory, scratch)
    case 'audit':
      return audited(task, listening)
    case 'salvage':
      return salvaged(directory, scratch, task.size, listening.onSalvage)
  }
}
