import { createHash } from 'node:crypto'
import { plain } from '@nexapod/specs/plain'
import { inMarkup, short } from './markup.ts'

/** Who wants to be listed by sites that compare projects. */
export interface Listed {
  readonly id: string
  readonly name?: string
  readonly country?: string
  readonly team?: string
  readonly since: number
  readonly micro: number
  readonly recentMicro: number
}

/** The files that such sites fetch, before they are compressed. */
export interface Files {
  readonly tables: string
  readonly user: string
  readonly team: string
  readonly host: string
}

/** So many are done without a pause. */
const atOnce = 256

const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

/**
 * The statistics of a project as BOINC writes them. Numbers stand for keys, since such sites know
 * no others: parts of a hash. Nodes have no credit of their own, so no host is listed.
 */
export async function statisticsOf(listed: readonly Listed[], time: number): Promise<Files> {
  const users = await numbered(listed.map(({ id }) => id))
  const byTeam = new Map<string, Listed[]>()
  for (const one of listed) {
    if (one.team === undefined) continue
    const members = byTeam.get(one.team)
    if (members === undefined) byTeam.set(one.team, [one])
    else members.push(one)
  }
  const teams = await numbered([...byTeam.keys()].sort())
  const total = listed.reduce((sum, { micro }) => sum + micro, 0)
  const at = seconds(time)
  return {
    tables: file('tables', [
      tag('update_time', at),
      tag('nusers_total', listed.length),
      tag('nteams_total', byTeam.size),
      tag('nhosts_total', 0),
      tag('total_credit', credits(total)),
      '<applications></applications>',
      '<badges></badges>',
    ]),
    user: file('users', await eachOf(listed, (one) => user(one, users, teams, at))),
    team: file(
      'teams',
      await eachOf([...byTeam], ([name, members]) => team(name, members, teams, at)),
    ),
    host: file('hosts', []),
  }
}

type Numbers = ReadonlyMap<string, number>

function user(one: Listed, users: Numbers, teams: Numbers, at: number): string {
  const { id, name, country, team: of } = one
  const where = country === undefined ? undefined : countries.of(country)
  return element('user', [
    tag('id', users.get(id) ?? 0),
    tag('name', plain(name ?? '') || short(id)),
    tag('create_time', seconds(one.since)),
    tag('total_credit', credits(one.micro)),
    tag('expavg_credit', credits(one.recentMicro)),
    tag('expavg_time', at),
    tag('cpid', digestOf(id).slice(0, 32)),
    ...(where === undefined ? [] : [tag('country', where)]),
    ...(of === undefined ? [] : [tag('teamid', teams.get(of) ?? 0)]),
  ])
}

function team(name: string, members: readonly Listed[], teams: Numbers, at: number): string {
  const sum = (of: (one: Listed) => number) => members.reduce((all, one) => all + of(one), 0)
  return element('team', [
    tag('id', teams.get(name) ?? 0),
    tag('type', 1),
    tag('name', plain(name)),
    tag('userid', 0),
    tag('total_credit', credits(sum(({ micro }) => micro))),
    tag('expavg_credit', credits(sum(({ recentMicro }) => recentMicro))),
    tag('expavg_time', at),
    tag(
      'create_time',
      seconds(members.reduce((first, { since }) => Math.min(first, since), Infinity)),
    ),
    tag('country', 'None'),
  ])
}

/** A number of 31 bits for each, and the next that is free where two have the same. */
async function numbered(names: readonly string[]): Promise<Numbers> {
  const taken = new Set<number>()
  const numbers = await eachOf(names, (name) => {
    let number = Number.parseInt(digestOf(name).slice(-8), 16) >>> 1 || 1
    while (taken.has(number)) number++
    taken.add(number)
    return [name, number] as const
  })
  return new Map(numbers)
}

/** Makes something of each, with pauses: the lists of many are no reason to let others wait. */
async function eachOf<T, M>(all: readonly T[], make: (one: T) => M): Promise<M[]> {
  const made: M[] = []
  for (const [i, one] of all.entries()) {
    if (i % atOnce === 0) await new Promise((resolve) => setImmediate(resolve))
    made.push(make(one))
  }
  return made
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

function file(name: string, inside: readonly string[]): string {
  return `<?xml version="1.0" encoding="iso-8859-1"?>\n${element(name, inside)}`
}

function element(name: string, inside: readonly string[]): string {
  const lines = inside.map((one) => (one.endsWith('\n') ? one : ` ${one}\n`))
  return `<${name}>\n${lines.join('')}</${name}>\n`
}

function tag(name: string, value: string | number): string {
  return `<${name}>${inMarkup(String(value))}</${name}>`
}

function credits(micro: number): string {
  return (micro / 1e6).toFixed(6)
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
