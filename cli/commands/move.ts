import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainId, fromHex, toHex } from '@nexapod/specs'
import { places } from '../config.ts'
import { type Desk, print } from '../desk.ts'
import type { Connection } from '../sdk/connect.ts'
import type { Moving } from '../sdk/moving.ts'
import { exits, type Trouble, troubleOf } from '../trouble.ts'
import type { Verb } from '../verb.ts'
import { connected, type Had } from './joined.ts'
import { short } from './published.ts'

/** Letters of a chain that have to be typed, at least. */
const leastLetters = 4

/** Moves credit to another chain, where it can be spent then; begun again, it goes on. */
export const move: Verb = async (given, desk) => {
  const micro = microOf(given.words[0] ?? '')
  if (micro === undefined) {
    return usage(`${given.words[0]} is no amount.`, 'an amount is in credits, as 12 or 0.000001')
  }
  const had = await connected(given)
  if ('trouble' in had) return had.trouble
  await using connection = had.value
  const homes = await connection.chains(desk.signal)
  if (!homes.ok) return troubleOf('No coordinator is there.', homes.refusal)
  const from = chainCalled(`${given.options.from ?? ''}`, homes.value)
  const to = chainCalled(`${given.options.to ?? ''}`, homes.value)
  if ('trouble' in from) return from.trouble
  if ('trouble' in to) return to.trouble
  if (from.value === to.value) return usage('That is one chain.', 'credit moves to another')
  const wish = { from: from.value, to: to.value, micro }
  return await carry(connection, wish, desk, given.form)
}

async function carry(
  connection: Connection,
  wish: Omit<Moving, 'nonce'>,
  desk: Desk,
  form: Parameters<typeof print>[1],
): Promise<Trouble | undefined> {
  const { path, moving, isBegun } = await begun(wish, connection.publisher)
  if (isBegun) desk.stderr.write('it was begun before, and goes on\n')
  const said = (leg: string) => desk.stderr.write(`${leg}\n`)
  const moved = await connection.move(moving, said, desk.signal)
  if (!moved.ok) {
    // What was refused has not departed: another wish is another move.
    if (moved.refusal.code === 'credit.short') await rm(path)
    return troubleOf('The credit was not moved.', moved.refusal)
  }
  await rm(path)
  const { departed, arrived } = moved.value
  const { from, to, micro } = moving
  const lines = [
    `${(micro / 1e6).toFixed(6)} credits left ${short(from)} in entry ${departed}`,
    `and arrived on ${short(to)} in entry ${arrived}`,
  ]
  await print(desk, form, { from, to, micro, departed, arrived }, lines)
  return undefined
}

/** The move as it was begun before, or from now on: it is on the disk before anybody is asked. */
async function begun(wish: Omit<Moving, 'nonce'>, owner: string) {
  await mkdir(places.moves, { recursive: true })
  const { from, to, micro } = wish
  const path = join(places.moves, `${owner}-${short(from)}-${short(to)}-${micro}`)
  const known = fromHex(await readFile(path, 'utf8').catch(() => ''))
  if (known?.length === 16) return { path, moving: { ...wish, nonce: known }, isBegun: true }
  const nonce = new Uint8Array(randomBytes(16))
  await using file = await open(path, 'w')
  await file.writeFile(toHex(nonce))
  await file.sync()
  return { path, moving: { ...wish, nonce }, isBegun: false }
}

/** The chain that is meant by its beginning. */
function chainCalled(text: string, chains: readonly ChainId[]): Had<ChainId> {
  const found = chains.filter((chain) => chain.startsWith(text))
  const [only] = found
  if (only !== undefined && found.length === 1 && text.length >= leastLetters)
    return { value: only }
  const why = `of those that are written, ${found.length} begin with it`
  const next = 'nexapod credit balance, or nexapod coordinator status, names them'
  return { trouble: { exit: exits.missing, what: `There is no one chain ${text}.`, why, next } }
}

function microOf(text: string): number | undefined {
  const [, whole = '', part = ''] = /^([0-9]{1,9})(?:\.([0-9]{1,6}))?$/.exec(text) ?? []
  const micro = Number(whole) * 1_000_000 + Number(part.padEnd(6, '0'))
  return whole !== '' && micro > 0 ? micro : undefined
}

function usage(what: string, why: string): Trouble {
  return { exit: exits.usage, what, why, next: 'nexapod credit move --help' }
}
