import { readFile, stat } from 'node:fs/promises'
import { openFork } from '@nexapod/ledger'
import { type Checkpoint, checkpointDocument, decode, forkSchema, open } from '@nexapod/specs'
import { type Desk, print } from '../desk.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given } from '../verb.ts'

/** Checks the proof that a coordinator signed two histories, with nothing but a file. */
export async function verifyFork(
  given: Given,
  path: string,
  desk: Desk,
): Promise<Trouble | undefined> {
  // What is longer than a proof can be is none.
  const { size: length } = await stat(path)
  const isLong = length > forkSchema.bytesMax
  const bytes = isLong ? new Uint8Array() : new Uint8Array(await readFile(path))
  const read = decode(forkSchema, bytes)
  const opened = read.ok ? openFork(read.value) : read
  if (!read.ok || !opened.ok) {
    const { refusal } = read.ok ? (opened as Exclude<typeof opened, { ok: true }>) : read
    const next = `use the file as it was found, or results: nexapod verify DIRECTORY`
    return { ...troubleOf(`${path} proves no fork.`, refusal, next), exit: exits.error }
  }
  const { one, other } = read.value
  const signed = [one, other].flatMap((document) => {
    const checkpoint = open(checkpointDocument, document)
    return checkpoint.ok ? [checkpoint.value] : []
  })
  const { chain, epoch, coordinator } = opened.value
  const said = { forked: true, chain, epoch, coordinator, bytes: bytes.length }
  const histories = signed.map(({ size, root, head, state, time }) => {
    return { size, root, head, state, time }
  })
  const lines = [
    `${coordinator} signed two histories of its chain ${chain} in epoch ${epoch}:`,
    ...signed.map((checkpoint) => `  ${lineOf(checkpoint)}`),
    signed[0]?.size === signed[1]?.size
      ? 'They are of one size, and not the same.'
      : 'The longer one has another entry where the shorter one ends.',
    'Both signatures are its own. Nobody goes on with this epoch; a quorum of the mesh ends it.',
  ]
  await print(desk, given.form, { ...said, histories }, lines)
  return undefined
}

function lineOf({ size, head, time }: Checkpoint): string {
  return `${size} entries, the last ${head}, signed ${new Date(time).toISOString()}`
}
