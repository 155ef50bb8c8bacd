import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Content } from '@nexapod/node'
import {
  type Answer,
  type ChainId,
  type Cid,
  cidOf,
  type Draft,
  digestText,
  ed25519,
  type Job,
  jobOf,
  type PublisherId,
  parseDescriptor,
  type Source,
  sha256,
} from '@nexapod/specs'
import { parse } from 'yaml'
import { folder } from './build.ts'

/** An example as its publisher signs it: its job, and the content of what that names. */
export interface Example {
  readonly job: Job
  readonly content: Content
}

/** Who publishes examples on this machine: a key that nobody else takes for anything. */
export const publisher = ed25519.signer(sha256(Buffer.from('nexapod publisher of examples')))

/** The descriptor of an example as it is written. */
export function writtenOf(name: string): unknown {
  return parse(readFileSync(join(folder, name, 'job.yaml'), 'utf8'))
}

/** Reads the descriptor of an example. */
export function descriptorOf(name: string): Answer<Draft> {
  return parseDescriptor(writtenOf(name))
}

/** Makes the job of an example, each of its programs with some arguments more. */
export function exampleOf(name: string, more: readonly string[] = []): Example {
  const draft = descriptorOf(name)
  if (!draft.ok) throw new Error(`${name}/job.yaml is refused: ${JSON.stringify(draft)}`)
  const files = new Map<Cid, Uint8Array>()
  const terms = {
    home: digestText<ChainId>(sha256(Buffer.from('nexapod no chain'))),
    publisher: publisher.id as PublisherId,
    nonce: new Uint8Array(16),
    issued: Date.UTC(2026, 10, 1),
    expires: Date.UTC(2027, 10, 1),
  }
  const answer = jobOf(draft.value, terms, (source) => addTo(files, name, source))
  if (!answer.ok) throw new Error(`${name} makes no job: ${JSON.stringify(answer)}`)
  const executors = answer.value.executors.map((executor) => {
    return { ...executor, command: [...executor.command, ...more] }
  })
  const content = {
    file: async (cid: Cid) => files.get(cid),
    directory: async () => undefined,
  }
  return { job: { ...answer.value, executors }, content }
}

/** Examples are given files of one block, so their CIDs are those of their bytes. */
function addTo(files: Map<Cid, Uint8Array>, name: string, source: Source): Cid | undefined {
  if (source.type !== 'path') return undefined
  const bytes = new Uint8Array(readFileSync(join(folder, name, source.path)))
  const cid = cidOf('raw', sha256(bytes))
  files.set(cid, bytes)
  return cid
}
