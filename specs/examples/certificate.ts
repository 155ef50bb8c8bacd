import { encode } from '../bytes/bytes.ts'
import type { Certificate } from '../certificate/certificate.ts'
import type { JobProof } from '../certificate/job-proof.ts'
import {
  type Checkpoint,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
} from '../checkpoint/checkpoint.ts'
import { type Entry, entryHash, entrySchema } from '../entry/entry.ts'
import { digestText, type OwnerId } from '../id/id.ts'
import { leafHash, merkleTree } from '../signed/merkle.ts'
import { sign } from '../signed/signed.ts'
import { rowHash, rowKey, rowSchemas } from '../state/state.ts'
import { accounts } from '../transfer/account.ts'
import { coordinators, ids, now } from './cast.ts'
import { checkpoint, cosignature, facts, firstEntry } from './chain.ts'
import { home } from './jobs.ts'
import { rows as stateRows } from './state.ts'
import { execution, signedDelegation } from './work.ts'

const account = accounts.owner(ids.publisher as string as OwnerId)
const rows = [
  rowHash(rowKey('balance', accounts.mint), encode(rowSchemas.balance, { micro: -5000 })),
  rowHash(rowKey('balance', account), encode(rowSchemas.balance, { micro: 5000 })),
]
const state = merkleTree(rows)

const decided: Entry = {
  v: 1,
  chain: home,
  epoch: 0,
  seq: 1,
  prev: entryHash(encode(entrySchema, firstEntry)),
  time: now,
  facts: facts.filter((fact) => fact.type === 'verdict').slice(0, 1),
}
const entries = [firstEntry, decided].map((entry) => encode(entrySchema, entry))
const chain = merkleTree(entries.map(leafHash))

const stands: Checkpoint = {
  ...checkpoint,
  size: entries.length,
  root: digestText(chain.root),
  head: entryHash(entries.at(-1) ?? new Uint8Array()),
  state: digestText(state.root),
}
const signedStands = sign(checkpointDocument, stands, coordinators[0])
const cosigned = {
  v: 1 as const,
  checkpoint: signedStands,
  cosignatures: [
    sign(
      cosignatureDocument,
      { ...cosignature, size: stands.size, checkpoint: checkpointId(signedStands) },
      coordinators[1],
    ),
  ],
}

/** Certificates of either kind, below a checkpoint that two of the three coordinators signed. */
export const certificates: Readonly<Record<string, Certificate>> = {
  'of a balance': {
    ...cosigned,
    proves: {
      type: 'balance',
      account,
      micro: 5000,
      place: 1,
      capacity: rows.length,
      path: state.paths[1] ?? [],
    },
  },
  'of a verdict': {
    ...cosigned,
    proves: {
      type: 'entry',
      seq: 1,
      entry: entries[1] ?? new Uint8Array(),
      path: chain.paths[1] ?? [],
    },
    delegation: signedDelegation,
  },
}

const [, , jobRow] = Object.values(stateRows.job)

/** The form of a proof of a job: no such job ended, so it would be refused by what it says. */
export const jobProof: JobProof = {
  ...cosigned,
  job: execution.job,
  row: {
    value: jobRow as JobProof['row']['value'],
    place: 0,
    capacity: 2,
    path: state.paths[0] ?? [],
  },
  entries: entries.slice(0, 1),
  hashes: chain.paths[0] ?? [],
}
