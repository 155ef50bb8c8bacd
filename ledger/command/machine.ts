import { codesOf, said } from '../store/damage.ts'
import { isOfMachine } from '../store/folder.ts'
import { exits, type Trouble } from './trouble.ts'

const room = 'make room on the disk, then type the same again'
const rights = 'type it as somebody who may do that, or name another place'
const disk = 'copy what can still be read to another disk, before anything else'

const todo: Readonly<Record<string, string>> = {
  ENOSPC: room,
  EDQUOT: room,
  EACCES: rights,
  EPERM: rights,
  EROFS: rights,
  EIO: disk,
}

/** What the machine did not do, in words; undefined where an error is a bug of ours. */
export function ofMachine(error: unknown): Trouble | undefined {
  const why = wordsOf(error)
  if (why === undefined) return undefined
  const code = codesOf(error)[0] ?? /\bE[A-Z]{2,}\b/.exec(why)?.[0] ?? ''
  const next = todo[code] ?? (/input\/output error/i.test(why) ? disk : 'look at what it names')
  const exit = code === 'ENOENT' ? exits.missing : exits.error
  return { exit, what: 'The machine did not do what it was asked.', why, next: [next] }
}

function wordsOf(error: unknown): string | undefined {
  const words = said(error)
  // A child that a disk failed gives its last words, with the stack below.
  if (words.startsWith('the child of the store failed')) {
    return /^(?:\w*Error(?: \[\w+\])?: )(.*)$/m.exec(words)?.[1] ?? 'a child ended without a word'
  }
  const isCode = codesOf(error).some((code) => /^(E[A-Z0-9]+|LEVEL_\w+)$/.test(code))
  return isCode || isOfMachine(error) ? words : undefined
}
