import { access, constants, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { observedAt, openWasmExecutor } from '@nexapod/node'
import { askAtDoor } from '@nexapod/node/door'
import { limitsIn } from '@nexapod/node/limits'
import { lockDirectory } from '@nexapod/node/shell'
import { explain, limits } from '@nexapod/specs'
import { columns, type Desk, painted, print } from '../desk.ts'
import type { Looked } from '../sdk/stands.ts'
import { exits } from '../trouble.ts'
import type { Given, Verb } from '../verb.ts'
import { connected } from './joined.ts'
import { directoryOf, limitsPathOf } from './up.ts'

/** What was looked at, how it was found, and what to do about it. */
interface Finding {
  readonly check: string
  /** `bad` prevents lending; `note` does not. */
  readonly found: 'good' | 'note' | 'bad'
  readonly says: string
  readonly todo?: string
}

const nodeMajor = 24
const diskBytesLeast = 1_000_000_000
const probeMs = 60_000
const askMs = 10_000

/** Looks at all that lending needs, and says what to do where something is amiss. */
export const doctor: Verb = async (given, desk) => {
  const at = directoryOf(given, 'node')
  const findings: Finding[] = [runtime()]
  findings.push(await rights(join(at, 'key')), ...(await room(at)), await lock(at))
  findings.push(await lent(given), ...(await mesh(given, desk)), await wasm(), await docker())
  const rows = findings.map(({ check, found, says, todo }) => {
    return [check, found, todo === undefined ? says : `${says} ${todo}`]
  })
  await print(desk, given.form, { findings }, columns(rows))
  const bad = findings.filter(({ found }) => found === 'bad')
  if (bad.length === 0) {
    desk.stderr.write(`${painted(desk, 'green', 'This machine can lend itself.')}\n`)
    return undefined
  }
  const [first] = bad
  return {
    exit: exits.error,
    what: 'This machine cannot lend itself as it is.',
    why: bad.map(({ check }) => check).join(', '),
    next: first?.todo ?? 'nexapod node doctor',
  }
}

function runtime(): Finding {
  const { node } = process.versions
  const isFit = Number.parseInt(node, 10) >= nodeMajor
  const says = `Node.js ${node}.`
  if (isFit) return { check: 'runtime', found: 'good', says }
  return { check: 'runtime', found: 'bad', says, todo: `Install Node.js ${nodeMajor}.` }
}

/** A key is for the eyes of its owner; one that is not there yet is made when it is needed. */
async function rights(path: string): Promise<Finding> {
  const found = await there(stat(path))
  if (found === undefined) return { check: 'key', found: 'good', says: 'It is made at first use.' }
  const isOpen = process.platform !== 'win32' && (found.mode & 0o077) !== 0
  if (!isOpen) return { check: 'key', found: 'good', says: `${path} is for its owner alone.` }
  const todo = `Run chmod 600 ${path}; who has read it can compute as this node.`
  return { check: 'key', found: 'bad', says: `Others may read ${path}.`, todo }
}

/** Whether the directory, or the one that it is to be made in, takes what a node keeps. */
async function room(path: string): Promise<Finding[]> {
  let at = path
  while ((await there(stat(at))) === undefined && dirname(at) !== at) at = dirname(at)
  const writable = await access(at, constants.W_OK | constants.X_OK).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EACCES' || cause.code === 'EROFS') return false
      throw cause
    },
  )
  const todo = `Take another with --dir, or take ${at} over.`
  const folder: Finding = writable
    ? { check: 'directory', found: 'good', says: `${path} can be written.` }
    : { check: 'directory', found: 'bad', says: `${at} cannot be written.`, todo }
  const { diskBytesFree, ramBytesFree, power } = await observedAt(at)
  const disk = `${gigabytes(diskBytesFree)} free.`
  const isFull = diskBytesFree !== undefined && diskBytesFree < diskBytesLeast
  return [
    folder,
    isFull
      ? { check: 'disk', found: 'bad', says: disk, todo: 'Make room, or use another disk.' }
      : { check: 'disk', found: 'good', says: disk },
    { check: 'memory', found: 'good', says: `${gigabytes(ramBytesFree)} free.` },
    power === 'battery'
      ? { check: 'power', found: 'note', says: 'It is on its battery.', todo: 'Plug it in.' }
      : { check: 'power', found: 'good', says: 'It is on mains.' },
  ]
}

/** A directory is one process's. One that runs a node there says so at its door. */
async function lock(path: string): Promise<Finding> {
  const check = 'lock'
  if ((await there(stat(join(path, 'lock')))) === undefined) {
    return { check, found: 'good', says: 'No node was begun here yet.' }
  }
  const locked = lockDirectory(path)
  if (locked.ok) {
    locked.value[Symbol.dispose]()
    return { check, found: 'good', says: 'No node runs here.' }
  }
  const asked = await askAtDoor(path, { type: 'status' })
  if (asked.ok) return { check, found: 'good', says: 'A node runs here, and answers.' }
  const todo = 'End the process that holds it, and begin it again.'
  return { check, found: 'bad', says: 'A process holds it, and does not answer.', todo }
}

/** Whether the limits can be read, and lend anything at any time. */
async function lent(given: Given): Promise<Finding> {
  const check = 'limits'
  const found = await limitsIn(limitsPathOf(given))
  if (!found.ok) {
    const todo = 'Mend it there, or take it back with nexapod node limits unset KEY.'
    return { check, found: 'bad', says: explain(found.refusal), todo }
  }
  const { inUse, idle } = found.value.limits
  if (Math.max(inUse.cores, idle.cores) === 0) {
    const todo = 'Run nexapod node limits set idle.cores 1.'
    return { check, found: 'bad', says: 'They lend no core at any time.', todo }
  }
  const own = found.value.said.length
  return { check, found: 'good', says: `${own === 0 ? 'All are as usual' : `${own} are yours`}.` }
}

/** Whether coordinators can be reached, and whether the clock is theirs. */
async function mesh(given: Given, desk: Desk): Promise<Finding[]> {
  const had = await connected(given)
  if ('trouble' in had) {
    const { what, why, next } = had.trouble
    return [{ check: 'mesh', found: 'bad', says: `${what} ${why}.`, todo: next }]
  }
  await using connection = had.value
  const within = AbortSignal.any([desk.signal, AbortSignal.timeout(askMs)])
  const looked = await connection.look(within)
  desk.signal.throwIfAborted()
  const isThere = looked.some(({ beacon }) => beacon.ok)
  const once = new Map(looked.map((one) => [one.coordinator, one]))
  return [...once.values()].flatMap(({ coordinator, beacon, from, till }: Looked): Finding[] => {
    const who = coordinator.slice(-8)
    if (!beacon.ok) {
      const says = `${who}: ${explain(beacon.refusal)}`
      return [{ check: 'mesh', found: isThere ? 'note' : 'bad', says }]
    }
    const answered = `${who} answered within ${till - from} ms.`
    return [
      { check: 'mesh', found: 'good', says: answered },
      clock(who, beacon.value.issued, from, till),
    ]
  })
}

/** How far the clock is at least from that of a coordinator, which signed between the two. */
function clock(who: string, issued: number, from: number, till: number): Finding {
  const apartMs = Math.max(0, from - issued, issued - till)
  const says = `It is ${apartMs === 0 ? 'that' : `${apartMs} ms off that`} of ${who}.`
  const todo = 'Let it be set over the network, as with timedatectl set-ntp true.'
  if (apartMs > limits.clockSkewMs) return { check: 'clock', found: 'bad', says, todo }
  return { check: 'clock', found: apartMs > 5000 ? 'note' : 'good', says }
}

/** Runs a module whose answer and fuel are known, and measures how fast. */
async function wasm(): Promise<Finding> {
  const nothing = { file: async () => undefined, directory: async () => undefined }
  await using executor = openWasmExecutor(1, nothing)
  const can = await executor.probe(AbortSignal.timeout(probeMs))
  if (can?.type !== 'wasm') {
    const todo = 'Look whether its memory is sound, and install Node.js again.'
    return { check: 'wasm', found: 'bad', says: 'A known module gave another answer.', todo }
  }
  const speed = `${(can.fuelPerSecond / 1e6).toFixed(0)} million instructions a second on a core.`
  return { check: 'wasm', found: 'good', says: `A known module gave its answer; ${speed}` }
}

/** Whether there is an engine for containers: modules need none. */
async function docker(): Promise<Finding> {
  const found = await there(stat('/var/run/docker.sock'))
  if (found?.isSocket()) return { check: 'docker', found: 'good', says: 'An engine is there.' }
  return { check: 'docker', found: 'note', says: 'There is no engine; modules need none.' }
}

async function there<T>(looking: Promise<T>): Promise<T | undefined> {
  return await looking.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined
    throw cause
  })
}

function gigabytes(bytes: number | undefined): string {
  if (bytes === undefined) return 'Nobody knows how much is'
  return `${(bytes / 1e9).toFixed(1)} GB`
}
