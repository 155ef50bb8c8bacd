import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Answer, accept, refuse } from '@nexapod/specs'

/** What SQLite says where another holds the file: SQLITE_BUSY. */
const busy = 5

/**
 * Holds a directory for this process alone, by a lock of the file system on a file in it, which
 * goes with the process. A file with a number in it would outlive a kill, and an address would be
 * another one in each container that shares the directory. Node.js has such locks in SQLite only,
 * so it is a database, in which nothing is written.
 */
export function lockDirectory(directory: string): Answer<Disposable> {
  const file = new DatabaseSync(join(directory, 'lock'), { timeout: 0 })
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    file.close()
    if ((cause as { readonly errcode?: number }).errcode !== busy) throw cause
    return refuse('node.locked', { at: directory })
  }
  return accept({ [Symbol.dispose]: () => file.close() })
}
