import { machineClock, waited } from '@nexapod/mesh'
import type { Answer, JobId } from '@nexapod/specs'
import { columns, type Desk } from '../desk.ts'
import type { Connection, Why } from '../sdk/connect.ts'
import type { Progress } from '../sdk/progress.ts'
import { short } from './published.ts'

/** How long nothing may come of a job before it is asked what it waits for. */
const patienceMs = 10_000

/** Follows a job. Where no node can take a unit of it, says on stderr what they lack, once. */
export async function* watched(
  connection: Connection,
  id: JobId,
  desk: Desk,
): AsyncGenerator<Answer<Progress>> {
  const gone = new AbortController()
  const begun = new AbortController()
  const idle = AbortSignal.any([desk.signal, gone.signal, begun.signal])
  const telling = tells(connection, id, desk, idle)
  try {
    for await (const at of connection.follow(id, desk.signal)) {
      if (at.ok && at.value.accepted + at.value.dead > 0) begun.abort()
      yield at
    }
  } finally {
    gone.abort()
    await telling
  }
}

/** Says what keeps all nodes from a job, as soon as that is so. */
async function tells(
  connection: Connection,
  id: JobId,
  desk: Desk,
  signal: AbortSignal,
): Promise<void> {
  while (await waited(machineClock, patienceMs, signal)) {
    const said = await connection.why(id, undefined, signal).catch((error) => {
      if (!signal.aborted) throw error
    })
    if (said === undefined) return
    // Those that compute its units already can take no more of them: it only takes a while.
    if (!said.ok || said.value.fit !== 0 || (said.value.begun ?? 0) > 0) continue
    const lines = [`no node can take it`, ...whyLines(said.value)]
    const next = `next  nexapod job why ${short(id)}`
    desk.stderr.write(`${desk.isTerminal ? '\n' : ''}${[...lines, `  ${next}`].join('\n')}\n`)
    return
  }
}

/** Why a job waits, or one of its units, for people. */
export function whyLines({ code, words, unit, fresh, begun, fit, against }: Why): string[] {
  const rows = against.map(({ code: reason, count, alone, words: says }) => {
    return [`  ${reason}`, `${count} nodes`, `${alone} by this alone`, says]
  })
  const of = unit && `unit ${unit.unit}: ${stages[unit.stage]}`
  const far = unit?.stage === 'begun' ? `, ${unit.leased} at it, ${unit.results} results in` : ''
  return [
    ...(of === undefined ? [] : [`${of}${far}`]),
    ...(unit?.stage === 'decided' ? [] : [`${code}: ${words}`]),
    ...(fresh === undefined ? [] : [`units: ${fresh} never leased, ${begun} begun and open`]),
    ...(fit === undefined ? [] : [`nodes: ${fit} fit`]),
    ...columns(rows),
  ]
}

const stages = {
  fresh: 'nobody was given it yet',
  begun: 'it is under way',
  decided: 'it is decided',
} as const
