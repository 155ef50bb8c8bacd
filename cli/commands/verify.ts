import { randomInt } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { ProvenJob, Settled } from '@nexapod/ledger'
import { type MeshId, type NodeId, parseInvitation, units } from '@nexapod/specs'
import { Bar, columns, type Desk, print } from '../desk.ts'
import { type Bundle, checkBundle } from '../sdk/bundle.ts'
import { givenBy } from '../sdk/inputs.ts'
import { heldIn, rerun } from '../sdk/rerun.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { verifyFork } from './fork.ts'
import { type Had, invitationNamed } from './joined.ts'

/** Checks results with nothing but what lies beside them, or the proof of a fork with nothing. */
export const verify: Verb = async (given, desk) => {
  const [directory = ''] = given.words
  if (await isFile(directory)) return await verifyFork(given, directory, desk)
  const wanted = await wantedOf(given, directory)
  if ('trouble' in wanted) return wanted.trouble
  const { mesh, count, data } = wanted.value
  const bar = new Bar(desk, 'checking')
  const onUnit = (done: number, all: number) => {
    if (desk.isTerminal) bar.at(done, all)
  }
  const checked = await checkBundle(directory, { signal: desk.signal, onUnit })
  bar.end()
  if (!checked.ok) return refused(directory, checked.refusal)
  const bundle = checked.value
  const { proven } = bundle
  if (mesh !== undefined && mesh !== proven.mesh.id) {
    const detail = `the results are of ${proven.mesh.name} ${proven.mesh.id}, not of ${mesh}`
    return refused(directory, { code: 'wire.mesh', at: 'proof.cbor', detail })
  }
  const again = await runAgain(bundle, count, data, desk)
  if ('trouble' in again) return again.trouble
  const nodes = nodesOf(proven)
  const said = jsonOf(bundle, nodes, mesh, again.value)
  await print(desk, given.form, said, linesOf(bundle, nodes, mesh, again.value))
  return undefined
}

interface Wanted {
  /** The mesh that the results have to be of, if one was named. */
  readonly mesh: MeshId | undefined
  /** How many units are run again. */
  readonly count: number
  /** Where modules and inputs lie beside those that come with the results. */
  readonly data: string | undefined
}

async function wantedOf(given: Given, directory: string): Promise<Had<Wanted>> {
  const { rerun: text = '0', data } = given.options
  const next = 'nexapod verify DIRECTORY --rerun 3 --data DIRECTORY'
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 0) {
    const why = 'it says how many units are to be run again'
    return { trouble: { exit: exits.usage, what: `${text} is no number of units.`, why, next } }
  }
  for (const one of [directory, ...(typeof data === 'string' ? [data] : [])]) {
    if (await isDirectory(one)) continue
    const why = 'that is no directory'
    const what = `${one} cannot be read.`
    return { trouble: { exit: exits.missing, what, why, next: 'nexapod job results ID' } }
  }
  const named = await invitationNamed(given)
  const invitation = named === undefined ? undefined : parseInvitation(named)
  if (invitation?.ok === false) {
    return { trouble: troubleOf('That is no invitation.', invitation.refusal) }
  }
  const mesh = invitation?.value.mesh
  return { value: { mesh, count, data: typeof data === 'string' ? data : undefined } }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function refused(directory: string, refusal: Parameters<typeof troubleOf>[1]): Trouble {
  return { ...troubleOf(`${directory} is not verified.`, refusal), exit: exits.error }
}

/** Runs units that chance draws; gives which. */
async function runAgain(
  { proven, inputs }: Bundle,
  count: number,
  data: string | undefined,
  desk: Desk,
): Promise<Had<readonly number[]>> {
  if (count === 0) return { value: [] }
  if (proven.job.executors.some(({ type }) => type !== 'wasm')) {
    const why = 'its programs are containers, which may give other bytes each time'
    const next = 'leave --rerun out'
    return { trouble: { exit: exits.usage, what: 'No unit can be run again.', why, next } }
  }
  const left = [...proven.settled]
  const drawn: Settled[] = []
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(randomInt(left.length), 1))
  }
  const held = new Map([...inputs, ...(data === undefined ? [] : await heldIn(data, desk.signal))])
  const bar = new Bar(desk, 'running again')
  let done = 0
  const onUnit = () => bar.at(++done, drawn.length)
  const ran = await rerun(proven, drawn, held, { signal: desk.signal, onUnit })
  bar.end()
  if (ran.ok) return { value: drawn.map(({ unit }) => unit).sort((a, b) => a - b) }
  return { trouble: { ...troubleOf('A unit was not confirmed.', ran.refusal), exit: exits.error } }
}

/** A name that others gave, so that it stands in one line and moves nothing on a terminal. */
function inLine(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

/** Who signed how many results that were accepted. */
function nodesOf({ settled }: ProvenJob): ReadonlyMap<NodeId, number> {
  const nodes = new Map<NodeId, number>()
  for (const one of settled) {
    for (const node of one.nodes) nodes.set(node, (nodes.get(node) ?? 0) + 1)
  }
  return nodes
}

function jsonOf(
  { proven, files, bytes, inputs, beside }: Bundle,
  nodes: ReadonlyMap<NodeId, number>,
  named: MeshId | undefined,
  again: readonly number[],
) {
  const { id, job, ended, settled, lasting, mesh, checkpoint, witnesses, entries } = proven
  const { chain, coordinator, size, time } = checkpoint
  return {
    ...{ verified: true, job: id, name: job.name, publisher: job.publisher, ended },
    ...{ units: units(job).count, accepted: settled.length, lasting, files, bytes },
    mesh: { ...mesh, named: named !== undefined },
    checkpoint: { chain, coordinator, size, time, witnesses, entries },
    nodes: Object.fromEntries(nodes),
    ...{ inputs: [...inputs.keys()], rerun: again, beside },
  }
}

function linesOf(
  { proven, files, bytes, inputs, beside }: Bundle,
  nodes: ReadonlyMap<NodeId, number>,
  named: MeshId | undefined,
  again: readonly number[],
): string[] {
  const { id, job, ended, settled, lasting, mesh, checkpoint, witnesses, electorate } = proven
  const all = units(job).count
  const signed = [...nodes.values()].reduce((sum, count) => sum + count, 0)
  const { members, quorum } = electorate
  const signers = new Set([checkpoint.coordinator, ...witnesses])
  const count = members.filter(({ coordinator }) => signers.has(coordinator)).length
  const without = [...givenBy(job).keys()].filter((cid) => !inputs.has(cid))
  const only = 'only what the results say; name the mesh that you mean with --mesh'
  const rows: [string, string][] = [
    ['verified', `${job.name}: ${settled.length} of ${all} units accepted, it ended as ${ended}`],
    ['job', `${id}, signed by its publisher ${job.publisher}`],
    ['files', `${files} with ${bytes} bytes; each has the CID that its verdict names`],
    ['results', `${signed} receipts, signed by ${nodes.size} nodes`],
    ...[...nodes].map(([node, units]): [string, string] => ['', `${node}  ${units} units`]),
    ['verdicts', `${proven.entries} entries of chain ${checkpoint.chain}`],
    ['', `below the root of its checkpoint of ${checkpoint.size} entries`],
    ['', `${lasting} units were paid since, and cannot be decided again`],
    ['as of', new Date(checkpoint.time).toISOString()],
    ['signed by', `${checkpoint.coordinator}, coordinator`],
    ...witnesses.map((one): [string, string] => ['', `${one}, witness`]),
    ['quorum', `${count} of the ${members.length} in the roster signed, ${quorum} must`],
    ['mesh', `${mesh.name} ${mesh.id}: ${named === undefined ? only : 'the one that you named'}`],
    ['inputs', `${inputs.size} are there; each has the CID that the job names`],
    ...without.map((cid): [string, string] => ['', `${cid} is not there`]),
    ...(again.length === 0
      ? []
      : [['run again', `units ${again.join(', ')}: the same bytes and fuel`] as [string, string]]),
    ...beside.map((path): [string, string] => [
      'unchecked',
      `${inLine(path)}: nothing is said of it`,
    ]),
  ]
  return columns(rows)
}
