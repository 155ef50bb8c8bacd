import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Asker, type HostedMesh, machineClock } from '../../mesh/index.ts'
import { opened } from '../../mesh/test/scene.ts'
import { draws } from '../../mesh/test/time.ts'
import type { FromNode, JobId, MeshId, PeerId } from '../../specs/index.ts'
import { toHex } from '../../specs/index.ts'

/** Nodes at work with a coordinator, each with a key and a connection of its own. */
const nodesCount = 8
/** Between two questions of one node, and between two frames of what it has done, on average. */
const questionsMs = 10
const framesMs = 12
/** What one frame has: the receipts and renewals of a tick. */
const frame = Array.from({ length: 8 }, (): FromNode => ({ type: 'alive' }))

/** How long each answer took, in microseconds, and how many questions were refused. */
export interface Waits {
  /** Of those that are at the other end of a line. */
  readonly us: readonly number[]
  /** Of those that are on this machine: all that an answer takes is what the attacked has to do. */
  readonly nearUs: readonly number[]
  readonly refused: number
}

const [mesh = '', near = '', far = ''] = process.argv.slice(2)
const peer = (near.split('/').at(-1) ?? '') as PeerId
const job = toHex(new Uint8Array(32)) as JobId
const draw = draws(1)
/** Pauses as of many who know nothing of each other. */
const pause = (ms: number) => sleep(-Math.log((draw() + 1) / 2 ** 32) * ms)

let us: number[] = []
let nearUs: number[] = []
let refused = 0
const ended = new AbortController()
/** What is under way is never given up: the streams have deadlines of their own. */
const never = new AbortController().signal
process.on('message', () => {
  const waits: Waits = { us, nearUs, refused }
  process.send?.(waits)
  us = []
  nearUs = []
  refused = 0
})
process.once('disconnect', () => ended.abort())

async function nodeAt(address: string): Promise<HostedMesh> {
  const node = await opened({
    mesh: mesh as MeshId,
    seed: randomBytes(32),
    listen: [],
    known: [address],
  })
  const dialled = await node.dial(peer, [address], never)
  if (!dialled.ok) throw new Error(JSON.stringify(dialled))
  return node
}

/** Asks now and then, and says how long the answers took. */
async function asks({ streams }: HostedMesh, isNear: boolean): Promise<void> {
  const asker = new Asker({
    clock: machineClock,
    dial: () => streams.open('call', peer, never),
  })
  while (!ended.signal.aborted) {
    const start = performance.now()
    const answer = await asker.ask({ type: 'job', job }, never)
    const took = Math.round((performance.now() - start) * 1000)
    if (!answer.ok) refused++
    else if (isNear) nearUs.push(took)
    else us.push(took)
    await pause(questionsMs)
  }
  await asker[Symbol.asyncDispose]()
}

/** Says what it has done; a stream that is cut is opened again, and counts as a refusal. */
async function works({ streams }: HostedMesh): Promise<void> {
  while (!ended.signal.aborted) {
    const channel = await streams.open('work', peer, never)
    if (!channel.ok) throw new Error(JSON.stringify(channel))
    let isOpen = true
    channel.value.listen({
      heard: () => {},
      drained: () => {},
      ended: () => channel.value.close(),
      closed: () => {
        isOpen = false
      },
    })
    while (isOpen && !ended.signal.aborted) {
      channel.value.say(frame)
      await pause(framesMs)
    }
    if (isOpen) channel.value.close()
    else if (!ended.signal.aborted) refused++
  }
}

/** Every second one is near. */
const isNear = (i: number) => i % 2 === 0
const nodes = await Promise.all(
  Array.from({ length: nodesCount }, (_, i) => nodeAt(isNear(i) ? near : far)),
)
const working = nodes.flatMap((node, i) => [asks(node, isNear(i)), works(node)])
process.send?.(nodesCount)
await Promise.all(working)
await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
if (process.connected) await once(process, 'disconnect')
