import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seedIn } from '@nexapod/mesh'
import { type Change, type CoordinatorId, ed25519, explain, type Signer } from '@nexapod/specs'
import { columns, type Desk, print } from '../desk.ts'
import {
  changeOf,
  described,
  missingIn,
  type Proposal,
  proposalId,
  proposalText,
  readProposal,
  signedBy,
} from '../sdk/proposal.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected, type Had, unreadable } from './joined.ts'
import { directoryOf } from './up.ts'

/** Signs a change that was proposed, with the key of the coordinator here; and brings it. */
export const sign: Verb = async (given, desk) => {
  const [file = ''] = given.words
  const make = 'nexapod coordinator roster propose FILE makes one'
  const missing = await unreadable(file, make)
  if (missing !== undefined) return missing
  const read = await readProposal(file)
  if (!read.ok) return troubleOf(`${file} is no change that can be signed.`, read.refusal, make)
  const isWhole = missingIn(read.value).length === 0
  const had = isWhole ? { value: read.value } : await withSignature(given, read.value)
  const publishes = given.options.publish === true
  if ('trouble' in had && !(publishes && isWhole)) return had.trouble
  const proposal = 'trouble' in had ? read.value : had.value
  if (proposal !== read.value) await writeFile(file, proposalText(proposal))
  const left = missingIn(proposal)
  if (publishes) return await published(proposal, left, file, given, desk)
  const { type, says } = proposal
  const about = { file, type, revision: says.revision, id: proposalId(proposal), missing: left }
  const all = left.length === 0 ? 'all have signed it' : `not signed yet by ${left.join(', ')}`
  await print(desk, given.form, about, [...described(undefined, proposal), all])
  const next = left.length === 0 ? `sign ${file} --publish` : `sign ${file}, where their keys are`
  desk.stderr.write(`  next  nexapod coordinator roster ${next}\n`)
  return undefined
}

/** The key of the coordinator whose directory is meant; none is made. */
export async function coordinatorKey(given: Given): Promise<Had<Signer>> {
  const directory = directoryOf(given, 'coordinator')
  const path = join(directory, 'key')
  const next = 'name the directory of a coordinator: --dir DIRECTORY'
  const missing = await unreadable(path, next)
  if (missing !== undefined) return { trouble: missing }
  const seed = await seedIn(path)
  if (!seed.ok) return { trouble: troubleOf(`${path} holds no key.`, seed.refusal) }
  return { value: ed25519.signer(seed.value) }
}

async function withSignature(given: Given, proposal: Proposal): Promise<Had<Proposal>> {
  const key = await coordinatorKey(given)
  if ('trouble' in key) return key
  const { id } = key.value
  const { signers } = proposal.says
  if (!signers.some((one) => one === id)) {
    const what = 'This coordinator does not sign it.'
    const why = `its key is ${id}, and the change is to be signed by ${signers.join(', ')}`
    const next = 'propose it with other signers: nexapod coordinator roster propose --help'
    return { trouble: { exit: exits.denied, what, why, next } }
  }
  const noted = await note(directoryOf(given, 'coordinator'), proposal)
  return noted === undefined ? { value: signedBy(proposal, key.value) } : { trouble: noted }
}

/**
 * Notes which change of a revision is signed, before it is: two of one revision would show that
 * this coordinator lies, whoever asked for the second.
 */
async function note(directory: string, proposal: Proposal): Promise<Trouble | undefined> {
  const { mesh, revision } = proposal.says
  const id = proposalId(proposal)
  const folder = join(directory, 'signed')
  const path = join(folder, `${mesh.slice(0, 16)}-${revision}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const isNew = await writeFile(path, `${id}\n`, { flag: 'wx', flush: true }).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return false
      throw cause
    },
  )
  const before = isNew ? id : (await readFile(path, 'utf8')).trim()
  if (before === id) return undefined
  const what = `Another change of revision ${revision} was signed here.`
  const why = `${path} says ${before}, and this one is ${id}: who signs two is shown to lie`
  const next = `have the first one taken; only if nobody has that any more, remove ${path}`
  return { exit: exits.denied, what, why, next }
}

async function published(
  proposal: Proposal,
  left: readonly CoordinatorId[],
  file: string,
  given: Given,
  desk: Desk,
): Promise<Trouble | undefined> {
  const change = changeOf(proposal)
  if (change === undefined) {
    const what = 'It is signed here, and not by all.'
    const why = `${left.join(', ')} have not signed it yet`
    const next = `nexapod coordinator roster sign ${file}, where their keys are`
    return { exit: exits.error, what, why, next }
  }
  return await brought(change, proposal, given, desk)
}

/** Brings a change to all members, those before it and those after it. */
async function brought(
  change: Change,
  proposal: Proposal,
  given: Given,
  desk: Desk,
): Promise<Trouble | undefined> {
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const governs = await connection.governs(desk.signal)
  if (!governs.ok) return troubleOf('Nobody shows who governs that mesh.', governs.refusal)
  const { governance } = governs.value.line
  const said = await connection.amend(change, desk.signal)
  const rows = said.map(({ coordinator, seq, refusal }) => {
    return [coordinator, refusal === undefined ? `entry ${seq}` : explain(refusal)]
  })
  const { type, says } = proposal
  const about = { type, revision: says.revision, id: proposalId(proposal), coordinators: said }
  await print(desk, given.form, about, [...described(governance, proposal), ...columns(rows)])
  if (said.some(({ refusal }) => refusal === undefined)) return undefined
  const refusal = said.find(({ refusal }) => refusal !== undefined)?.refusal
  const why = refusal === undefined ? 'nobody was asked' : explain(refusal)
  const next = 'nexapod coordinator roster show says which revision is next, and who answers'
  return { exit: exits.error, what: 'Nobody has taken it.', why, next }
}
