import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { openFork } from '@nexapod/ledger'
import { openStockedMesh, type StockedMesh } from '@nexapod/mesh'
import {
  type ChainId,
  type Cid,
  type CoordinatorId,
  type Job,
  jobDocument,
  jobId,
  reopen,
  type Signed,
  sign,
} from '@nexapod/specs'
import { afterAll, afterEach, test } from 'vitest'
import { jobFor, keyNamed, seedNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { mirrored, needed, sweepJobs } from '../home/intake.ts'
import { machineTime } from '../time.ts'
import { Mirror } from './mirror.ts'

const folders = new Folders()
afterAll(() => folders.remove())
let open = new AsyncDisposableStack()
afterEach(async () => {
  await open[Symbol.asyncDispose]()
  open = new AsyncDisposableStack()
})

const { mesh: id, chain } = new ScriptedChain()
const other = 'b'.repeat(64) as ChainId

interface Stocked {
  readonly mesh: StockedMesh
  readonly key: CoordinatorId
  readonly directory: string
}

/** Somebody with a store, who has dialled these. */
async function stocked(name: string, ...to: readonly Stocked[]): Promise<Stocked> {
  const directory = folders.next()
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const mesh = open.use(
    await openStockedMesh({
      ...{ mesh: id, seed: seedNamed(name), listen, known: [], roster: [] },
      ...{ now: Date.now, openFork },
      data: { directory, bytesMax: 64 * 1024 * 1024, mayServe: (_, { sealed }) => !sealed },
    }),
  )
  for (const one of to) {
    const addresses = one.mesh.addresses()
    valued(await mesh.dial(one.key, addresses, AbortSignal.timeout(10_000)))
  }
  return { mesh, key: keyNamed(name).id as CoordinatorId, directory }
}

/** Puts a file where somebody has it. */
async function placed({ mesh }: Stocked, bytes: Uint8Array): Promise<Cid> {
  const bounds = { bytesMax: 1024 * 1024, sealed: false, pin: `placed/${bytes[0]}` }
  return valued(await mesh.data.importTree({ bytes }, bounds)).cid
}

/** A job of a module that reads a file. */
function jobOn(home: ChainId, module: Cid, file: Cid, number: number): Signed<Job> {
  const job = jobFor(home, keyNamed('pam'), number)
  const input = { path: '/in/a', kind: 'file', from: { type: 'cid', cid: file } }
  return sign(
    jobDocument,
    {
      ...job,
      executors: [{ type: 'wasm', module, command: [], env: {}, ignoreError: false }],
      inputs: [input as Job['inputs'][number]],
    },
    keyNamed('pam'),
  )
}

function mirrorOf({ mesh }: Stocked, writers: ReadonlyMap<ChainId, Stocked>) {
  const gone = new AbortController()
  const sources = (of: ChainId) => [writers.get(of)?.key ?? []].flat()
  const ground = { data: mesh.data, time: machineTime, log: listLog(), sources }
  const mirror = new Mirror(ground, gone.signal)
  open.defer(async () => {
    gone.abort()
    await mirror[Symbol.asyncDispose]()
  })
  return mirror
}

/** Resolves when so many roots are held for a job. */
async function held({ mesh }: Stocked, job: Signed<Job>, count: number): Promise<void> {
  const isIts = ({ name }: { name: string }) => name.startsWith(`${mirrored}${jobId(job)}/`)
  while ([...mesh.data.store.pins()].filter(isIts).length !== count) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('who goes on serves alone what open jobs brought, and lets go at their end', async () => {
  const dead = await stocked('kim')
  const successor = await stocked('lea', dead)
  const [module, file] = [
    await placed(dead, randomBytes(4000)),
    await placed(dead, randomBytes(90_000)),
  ]
  const job = jobOn(chain, module, file, 1)
  const mirror = mirrorOf(successor, new Map([[chain, dead]]))
  mirror.admitted(chain, job)
  await held(successor, job, 2)
  await dead.mesh[Symbol.asyncDispose]()
  await rm(dead.directory, { recursive: true })
  // It begins again as the home of that job.
  await sweepJobs(successor.mesh.data, () => true)
  const node = await stocked('ann', successor)
  for (const [i, { root, bytesMax }] of needed(jobFrom(job)).entries()) {
    const wanted = { root, bytesMax, peers: [successor.key], gateways: [], only: true }
    const signal = AbortSignal.timeout(10_000)
    valued(await node.mesh.data.fetch({ ...wanted, pin: `unit/${i}`, signal }))
  }
  mirror.ended(jobId(job))
  await held(successor, job, 0)
})

test('of a job that ends while its data is on its way nothing is held', async () => {
  const writer = await stocked('kim')
  const here = await stocked('lea', writer)
  const [module, file, last] = [
    await placed(writer, randomBytes(4000)),
    await placed(writer, randomBytes(900_000)),
    await placed(writer, randomBytes(90_000)),
  ]
  const mirror = mirrorOf(here, new Map([[chain, writer]]))
  const [short, next] = [jobOn(chain, module, file, 1), jobOn(chain, module, last, 2)]
  mirror.admitted(chain, short)
  mirror.ended(jobId(short))
  mirror.admitted(chain, next)
  await held(here, next, 2)
  await held(here, short, 0)
})

test('a job whose data never comes holds up none of another chain', async () => {
  const [bad, good] = [await stocked('kim'), await stocked('mia')]
  const here = await stocked('lea', bad, good)
  const [module, file] = [
    await placed(good, randomBytes(4000)),
    await placed(good, randomBytes(90_000)),
  ]
  const mirror = mirrorOf(
    here,
    new Map([
      [chain, bad],
      [other, good],
    ]),
  )
  mirror.admitted(chain, jobOn(chain, module, file, 1))
  const job = jobOn(other, module, file, 2)
  mirror.admitted(other, job)
  await held(here, job, 2)
})

function jobFrom(signed: Signed<Job>): Job {
  return valued(reopen(jobDocument, signed))
}
