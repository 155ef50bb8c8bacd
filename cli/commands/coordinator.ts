import { explain, type Invitation, parseInvitation } from '@nexapod/specs'
import { columns, print } from '../desk.ts'
import type { Governed } from '../sdk/governing.ts'
import { exits, noApi, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { connected, type Had, invitationOf } from './joined.ts'
import { short } from './published.ts'

/** Who coordinates a mesh, where their chains stand, and how old what they signed last is. */
export const status: Verb = async (given, desk) => {
  const { http } = given.options
  const wrong = noApi(http, 'nexapod coordinator status --http http://HOST:PORT')
  if (wrong !== undefined) return wrong
  const known = await invitationOf(given)
  if ('trouble' in known) return known.trouble
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const invitation = parseInvitation(known.value)
  if (!invitation.ok) return troubleOf('That is no invitation.', invitation.refusal)
  const governed = await connection.governs(desk.signal)
  const stands = await connection.stands(desk.signal)
  const rows = stands.map(({ coordinator, beacon, stand, till }) => {
    if (!beacon.ok) return [coordinator, 'away', explain(beacon.refusal)]
    const { chain, size, epoch, openUnits, takesJobs } = beacon.value
    const age = stand && `${Math.max(0, Math.round((till - stand.checkpoint.time) / 1000))} s ago`
    const last = stand
      ? `checkpoint of ${stand.checkpoint.size}, ${age}, signed by ${stand.signers.length}`
      : 'no checkpoint yet'
    const takes = takesJobs ? 'takes jobs' : 'drains'
    const written = `chain ${short(chain)}, ${size} entries, epoch ${epoch}`
    return [coordinator, takes, written, last, `${openUnits} units open`]
  })
  const asked = typeof http === 'string' ? await statusAt(http, desk.signal) : undefined
  if (asked !== undefined && 'trouble' in asked) return asked.trouble
  const more = asked?.value
  const said = stands.map(({ coordinator, beacon, stand, till }) => {
    if (!beacon.ok) return { coordinator, away: beacon.refusal.code }
    return { ...beacon.value, ...stand, ...(stand && { ageMs: till - stand.checkpoint.time }) }
  })
  const { name } = invitation.value
  const lines = [
    `${name}  ${governed.ok ? whoSigns(governed.value) : invited(invitation.value)}`,
    ...columns(rows),
    ...(more === undefined ? [] : columns(Object.entries(more).map(([key, v]) => [key, `${v}`]))),
  ]
  await print(desk, given.form, { mesh: name, coordinators: said, http: more }, lines)
  if (stands.some(({ beacon }) => beacon.ok)) return undefined
  const why = 'none of those of the invitation answers'
  const next = 'nexapod node doctor says what is in the way'
  return { exit: exits.error, what: `Nobody coordinates ${name}.`, why, next }
}

function whoSigns({ line }: Governed): string {
  const { members, quorum } = line.governance
  return `${members.length} coordinators, ${quorum} of them must sign`
}

function invited({ members }: Invitation): string {
  return `${members.length} of whom the invitation tells`
}

const shown = [
  'nodes',
  'jobs',
  'leases',
  'openUnits',
  'size',
  'checkpointed',
  'draining',
  'frozen',
] as const

/** What a coordinator says of itself over HTTP: more than it tells the mesh. */
async function statusAt(
  http: string,
  signal: AbortSignal,
): Promise<Had<Readonly<Record<string, unknown>>>> {
  const what = `${http} says nothing.`
  const next = 'see whether its coordinator was begun with --http'
  const answer = await fetch(new URL('/api/v1/status', http), { signal }).catch((cause: Error) => {
    signal.throwIfAborted()
    return cause
  })
  if (answer instanceof Error) {
    const why = answer.cause instanceof Error ? answer.cause.message : answer.message
    return { trouble: { exit: exits.error, what, why, next } }
  }
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  if (!answer.ok || !isJson) {
    const why = `what answered there is no coordinator: status ${answer.status}`
    return { trouble: { exit: exits.error, what, why, next } }
  }
  const said = (await answer.json()) as Readonly<Record<string, unknown>>
  return { value: Object.fromEntries(shown.map((key) => [key, said[key]])) }
}
