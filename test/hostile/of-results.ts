import {
  fromJson,
  type Json,
  type Manifest,
  outcomeSchema,
  receiptId,
  resultId,
} from '../../specs/index.ts'
import { delivery, secretManifest } from './forged.ts'
import { withLeases } from './leases.ts'
import type { Leased } from './peer.ts'
import { Site } from './site.ts'
import type { Try } from './try.ts'

/** What is tried with results of others. */
export const triesOfResults: readonly Try[] = [
  {
    name: 'reading a result that is sealed: on the chain, in the API, by its CID',
    expects: ['sealed', 'unread', 'data.unknown'],
    async run(scene) {
      const site = new Site(scene)
      return await withLeases(scene, 1, async ([ann]) => {
        if (ann === undefined) return []
        const manifest = secretManifest(ann.leased)
        const own = delivery(ann.leased, manifest, ann.peer.signer)
        ann.peer.say(own)
        const size = await ann.peer.acknowledged()
        const [output] = manifest.outcome.outputs
        const texts = await publicOf(site, ann.leased, size)
        const codes: string[] = []
        if (texts.some((text) => text.includes(receiptId(own.receipt)))) codes.push('sealed')
        const secrets = [resultId(manifest.outcome), String(output?.cid)]
        const isSeen = texts.some((text) => secrets.some((secret) => text.includes(secret)))
        if (!isSeen) codes.push('unread')
        const data = await site.ask(`/api/v1/data/${output?.cid}`)
        codes.push(/"code":"([^"]+)"/.exec(data.text)?.[1] ?? String(data.status))
        return codes
      })
    },
  },
  {
    name: 'a copy of what the verdict has opened, without having computed it',
    expects: ['lease.fenced'],
    async run(scene) {
      const site = new Site(scene)
      const leased = await withLeases(scene, 1, async ([one]) => one?.leased)
      if (leased === undefined) return []
      const outcome = await opened(site, leased)
      await using thief = await scene.peerAgain(leased.says.node)
      await thief.join(scene.said.mesh, 0)
      const remarks = { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 }
      const copy = delivery(leased, { outcome, whole: [], remarks }, thief.signer)
      return [await thief.refused(copy)]
    },
  },
]

/** All that the public can read about a unit. */
async function publicOf(site: Site, { says }: Leased, size: number): Promise<string[]> {
  const { job, unit } = says
  const from = Math.max(0, size - 20)
  const paths = [
    `/api/v1/ledger/entries?cursor=${from}&limit=100`,
    `/api/v1/jobs/${job}`,
    `/api/v1/jobs/${job}/units`,
    `/api/v1/jobs/${job}/results`,
    `/api/v1/jobs/${job}/results/${unit}/file?path=/out/pi.csv`,
    `/api/v1/nodes/${says.node}`,
  ]
  const got = await Promise.all(paths.map((path) => site.ask(path)))
  return got.map(({ text }) => text)
}

/** What a verdict says that a unit gave, as soon as it does. */
async function opened(site: Site, { says }: Leased): Promise<Manifest['outcome']> {
  const { job, unit } = says
  for (;;) {
    const { text } = await site.ask(`/api/v1/jobs/${job}/results?limit=100`)
    const { items }: { items: { unit: number; outcome: Json }[] } = JSON.parse(text)
    const found = items.find((one) => one.unit === unit)
    const outcome = found === undefined ? undefined : fromJson(outcomeSchema, found.outcome)
    if (outcome?.ok) return outcome.value
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
