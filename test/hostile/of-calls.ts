import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ChainId,
  cidOf,
  type Job,
  jobId,
  limits,
  type PublisherId,
  protocols,
  toHex,
} from '../../specs/index.ts'
import { altered, cancelOf, hugeJob, signedJob } from './envelopes.ts'
import { inTheNameOf } from './forged.ts'
import type { Try } from './try.ts'

/** So many keys publish at once what they do not give. */
const keys = 20

const elsewhere = toHex(new Uint8Array(32).fill(2)) as ChainId

/** What is tried with envelopes that others could have kept. */
export const triesOfCalls: readonly Try[] = [
  {
    name: 'an envelope published again, with another body, in the name of another, elsewhere',
    expects: [
      ...['done', 'the same', 'signature.false', 'signature.false', 'job.conflict'],
      ...['request.audience', 'done'],
    ],
    async run(scene) {
      await using peer = await scene.peer()
      await using other = await scene.peer()
      const { chain } = scene.said
      const { signer } = peer
      const job = hugeJob(chain, signer)
      const signed = signedJob(job, signer)
      const first = await peer.ask({ type: 'publish', job: signed })
      const again = await other.ask({ type: 'publish', job: signed })
      const codes: string[] = [first.ok ? first.value.type : first.refusal.code]
      if (JSON.stringify(first) === JSON.stringify(again)) codes.push('the same')
      const named = hugeJob(chain, signer, { publisher: other.id as string as PublisherId })
      const wrong = [
        altered(signed, { ...job, name: 'another' }),
        signedJob(named, inTheNameOf(other.id, signer)),
        signedJob({ ...job, name: 'another' }, signer),
        signedJob(hugeJob(elsewhere, signer), signer),
      ]
      for (const one of wrong) codes.push(await peer.codeOf({ type: 'publish', job: one }))
      const request = cancelOf(jobId(signed), signer, chain)
      codes.push(await peer.codeOf({ type: 'act', request }))
      return codes
    },
  },
  {
    name: "requests of others' jobs, again, late, elsewhere, and with another body",
    expects: [
      ...['request.signer', 'done', 'request.replayed', 'request.replayed'],
      ...['request.expired', 'request.audience', 'signature.false'],
    ],
    async run(scene) {
      await using peer = await scene.peer()
      const { chain } = scene.said
      const { signer } = peer
      const signed = signedJob(hugeJob(chain, signer), signer)
      const own = jobId(signed)
      await peer.ask({ type: 'publish', job: signed })
      const late = { issued: Date.now() - 120_000, expires: Date.now() - 60_000 }
      const cancel = cancelOf(own, signer, chain)
      const requests = [
        cancelOf(scene.job, signer, chain, { counter: 1 }),
        cancel,
        cancel,
        cancelOf(own, signer, chain, { counter: 2 }),
        cancelOf(own, signer, chain, late),
        cancelOf(own, signer, elsewhere),
        { ...cancel, signatures: cancelOf(scene.job, signer, chain).signatures },
      ]
      const codes: string[] = []
      for (const request of requests) codes.push(await peer.codeOf({ type: 'act', request }))
      return codes
    },
  },
  {
    name: 'jobs whose data never comes, by more keys of one network than there is room for',
    expects: [
      ...Array.from({ length: keys - limits.intakesPerNetworkMax }, () => 'wire.full'),
      'done',
    ],
    async run(scene) {
      await using release = new AsyncDisposableStack()
      const network = scene.network()
      const codes: string[] = []
      const enough = Promise.withResolvers<void>()
      for (let i = 0; i < keys; i++) {
        const peer = release.use(await scene.peer(network))
        // It has what it publishes, and gives none of it.
        await peer.host.handle(protocols.data.id, () => {})
        const job = hugeJob(scene.said.chain, peer.signer, ofModules())
        const asked = peer.codeOf({ type: 'publish', job: signedJob(job, peer.signer) })
        void asked.then((code) => {
          if (codes.push(code) >= keys - limits.intakesPerNetworkMax) enough.resolve()
        })
      }
      await Promise.race([enough.promise, sleep(20_000)])
      return [...codes, await scene.publish()]
    },
  },
]

/** A module that nobody has. */
function ofModules(): Partial<Job> {
  const module = cidOf('raw', new Uint8Array(randomBytes(32)))
  return { executors: [{ type: 'wasm', module, command: [], env: {}, ignoreError: false }] }
}
