import {
  type ChainId,
  type Cid,
  cidOf,
  digestText,
  ed25519,
  type Job,
  jobDocument,
  jobId,
  type PublisherId,
  sha256,
  sign,
} from '@nexapod/specs'
import type { Content, FileAt, Output, Room, UnitSpec } from '../../executor.ts'
import { bytesOf, moduleBytes } from './cast.ts'

const publisher = ed25519.signer(sha256(bytesOf('nexapod executor test publisher')))

/** A job of the probes that was really signed, and one of its units. */
export function unitOf(changes: Partial<Job>, unit = 0): UnitSpec {
  const job: Job = {
    v: 1,
    home: digestText<ChainId>(sha256(bytesOf('a chain'))),
    publisher: publisher.id as PublisherId,
    nonce: new Uint8Array(16),
    issued: 1_795_176_000_000,
    expires: 1_795_276_000_000,
    name: 'probes',
    tags: {},
    executors: [],
    inputs: [],
    outputs: [{ kind: 'directory', path: '/out' }],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 64_000_000,
      diskBytes: 1_000_000,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 10 ** 9,
      unitMs: 60_000,
    },
    compare: [],
    priority: 5,
    ...changes,
  }
  return { key: 'a unit', id: jobId(sign(jobDocument, job, publisher)), job, unit }
}

/** A program of a job that runs the probes. */
export function probe(command: readonly string[], more: object = {}): Job['executors'][number] {
  const module = fileCid(moduleBytes('probes'))
  return { type: 'wasm', module, command, env: {}, ignoreError: false, ...more }
}

/** The CID of a file that is one block. */
export function fileCid(bytes: Uint8Array): Cid {
  return cidOf('raw', sha256(bytes))
}

/** Data that was fetched: the probes, and what a test adds, all in memory. */
export class Fetched implements Content {
  readonly #files = new Map<Cid, Uint8Array>()
  readonly #directories = new Map<Cid, readonly FileAt[]>()

  constructor() {
    this.addFile(moduleBytes('probes'))
  }

  addFile(bytes: Uint8Array): Cid {
    const cid = fileCid(bytes)
    this.#files.set(cid, bytes)
    return cid
  }

  addDirectory(files: readonly FileAt[]): Cid {
    const cid = cidOf('dag-pb', sha256(bytesOf(JSON.stringify(files.map(({ path }) => path)))))
    this.#directories.set(cid, files)
    return cid
  }

  async file(cid: Cid, _room: Room, below?: string): Promise<Uint8Array | undefined> {
    if (below === undefined) return this.#files.get(cid)
    return this.#directories.get(cid)?.find(({ path }) => path === below)?.bytes
  }

  async directory(cid: Cid): Promise<readonly FileAt[] | undefined> {
    return this.#directories.get(cid)
  }
}

/** A CID for what an output holds: of a file the real one, of a directory a digest of its files. */
export async function addOutput({ kind, files }: Output): Promise<Cid> {
  const [file] = files
  if (kind === 'file' && file !== undefined) return fileCid(file.bytes)
  const all = files.map(({ path, bytes }) => `${path} ${fileCid(bytes)}`).join('\n')
  return cidOf('dag-pb', sha256(bytesOf(all)))
}
