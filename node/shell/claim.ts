import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seedIn } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Delegation,
  decode,
  delegationDocument,
  ed25519,
  encode,
  type NodeId,
  type OwnerId,
  refuse,
  type Signed,
  type Signer,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { replaceFile } from './kept-file.ts'

const schema = signedSchema(delegationDocument, 2)

/** Makes a node an owner's: both sign it, and the node says so from its next start on. */
export async function claimNode(
  directory: string,
  owner: Signer,
  issued: number,
  expires: number,
): Promise<Answer<Delegation>> {
  const seed = await seedIn(join(directory, 'key'))
  if (!seed.ok) return seed
  const node = ed25519.signer(seed.value)
  if (node.id === owner.id) return refuse('document.rule', { detail: 'it is its own already' })
  const ids = { owner: owner.id as OwnerId, node: node.id as NodeId }
  const delegation: Delegation = { v: 1, ...ids, issued, expires }
  await replaceFile(
    join(directory, name),
    encode(schema, sign(delegationDocument, delegation, owner, node)),
  )
  return accept(delegation)
}

/** Whose the node of a directory is, as both have signed; undefined if it is its own. */
export async function claimIn(directory: string): Promise<Answer<Signed<Delegation> | undefined>> {
  const path = join(directory, name)
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw cause
  })
  if (bytes === undefined) return accept(undefined)
  const signed = decode(schema, new Uint8Array(bytes))
  return signed.ok ? signed : { ok: false, refusal: { ...signed.refusal, at: path } }
}

const name = 'owner'
