import {
  decode,
  ed25519,
  entrySchema,
  type Fact,
  type Signer,
  sha256,
} from '../../../specs/index.ts'
import { follower, Rush } from './rush.ts'

/** What one coordinator of several has to do, in the time of one core. */
interface Work {
  readonly units: number
  readonly coreMs: number
  /** To learn what it wrote itself, as another does: hashes, links and facts. */
  readonly foldMs: number
  /** Signatures in what it wrote: it has verified each, and so does whoever follows it. */
  readonly signatures: number
}

/** How following is done. */
interface Manner {
  readonly words: string
  /** Whether the signatures of others are looked at. */
  readonly isSigned: boolean
  /** Which cores it has: that of the judge, one of its own, or one for each chain. */
  readonly cores: 'none' | 'one' | 'each'
}

const manners: readonly Manner[] = [
  {
    words: 'every signature is looked at by whoever follows, on the core that judges',
    ...{ isSigned: true, cores: 'none' },
  },
  { words: 'the same without the signatures of others', isSigned: false, cores: 'none' },
  { words: 'every signature, and one core for all that is followed', isSigned: true, cores: 'one' },
  { words: 'every signature, and a core for each chain', isSigned: true, cores: 'each' },
]

/** One, two and three coordinators with the same nodes and units: scale.md says what counts. */
export function several(nodes: number, units: number): void {
  const verifyMs = msOfVerify()
  console.log(`a signature takes ${(verifyMs * 1000).toFixed(0)} us to verify here\n`)
  const widths = [12, 10, 10, 10, 10]
  const row = (cells: readonly string[]) =>
    console.log(cells.map((cell, i) => cell.padStart(widths[i] ?? 10)).join(' '))
  for (const manner of manners) {
    console.log(`\n${manner.words}`)
    row(['coordinators', 'own us', 'follow us', 'units/s', 'of linear'])
    let alone = 0
    for (const count of [1, 2, 3]) {
      const works = worksOf(count, nodes, units)
      const slowest = Math.max(...works.map((_, i) => msOf(works, i, manner, verifyMs)))
      const rate = units / (slowest / 1000)
      if (count === 1) alone = rate
      const [own, follow] = usOf(works, verifyMs, manner)
      const linear = `${((rate / (alone * count)) * 100).toFixed(0)} %`
      row([`${count}`, own.toFixed(1), follow.toFixed(1), rate.toFixed(0), linear])
    }
  }
}

const known = new Map<number, readonly Work[]>()

/** The coordinators of a mesh, one after the other: each with its part of nodes and units. */
function worksOf(count: number, nodes: number, units: number): readonly Work[] {
  const before = known.get(count)
  if (before !== undefined) return before
  const works = Array.from({ length: count }, (_, number) => {
    return workOf(number, Math.ceil(nodes / count), Math.ceil(units / count))
  })
  known.set(count, works)
  return works
}

function workOf(number: number, nodes: number, units: number): Work {
  const entries: Uint8Array[] = []
  const jobs = Math.max(1, Math.min(100, Math.floor(units / 100)))
  const rush = new Rush({ nodes, units, jobs, atOnce: 1, number }, (effects) => {
    for (const effect of effects) {
      if (effect.type === 'append') for (const { bytes } of effect.taken) entries.push(bytes)
    }
  })
  rush.gather()
  const { coreMs } = rush.until(units)
  const ledger = follower(number, nodes)
  const from = process.threadCpuUsage()
  for (const bytes of entries) {
    const taken = ledger.take(bytes)
    if (!taken.ok) throw new Error(`a follower refuses: ${taken.refusal.detail}`)
  }
  const { user, system } = process.threadCpuUsage(from)
  let signatures = 0
  for (const bytes of entries) {
    const entry = decode(entrySchema, bytes)
    if (entry.ok) for (const fact of entry.value.facts) signatures += signedIn(fact)
  }
  return { units, coreMs, foldMs: (user + system) / 1000, signatures }
}

/** What a coordinator takes: its own chain, and those of the others. */
function msOf(
  works: readonly Work[],
  i: number,
  { isSigned, cores }: Manner,
  verifyMs: number,
): number {
  const { coreMs, signatures } = works[i] as Work
  const own = coreMs + signatures * verifyMs
  const others = works.filter((_, j) => j !== i)
  const follows = others.map((one) => one.foldMs + (isSigned ? one.signatures * verifyMs : 0))
  const all = follows.reduce((sum, ms) => sum + ms, 0)
  if (cores === 'none') return own + all
  return Math.max(own, cores === 'one' ? all : Math.max(0, ...follows))
}

/** What a unit costs where it is decided, and where it is followed. */
function usOf(works: readonly Work[], verifyMs: number, { isSigned }: Manner): [number, number] {
  const sum = (of: (work: Work) => number) => works.reduce((all, work) => all + of(work), 0)
  const [units, signed] = [sum((one) => one.units), sum((one) => one.signatures) * verifyMs]
  const fold = sum((one) => one.foldMs) + (isSigned ? signed : 0)
  return [((sum((one) => one.coreMs) + signed) * 1000) / units, (fold * 1000) / units]
}

function signedIn(fact: Fact): number {
  if (fact.type === 'verdict') return fact.receipts.length
  if (fact.type === 'delegation') return 2
  return fact.type === 'job' || fact.type === 'revocation' || fact.type === 'cancel' ? 1 : 0
}

/** What it takes to verify a receipt, in the time of this thread. */
function msOfVerify(): number {
  const signer: Signer = ed25519.signer(sha256(new Uint8Array(1)))
  const message = new Uint8Array(400)
  const signature = signer.sign(message)
  const times = 2000
  for (let i = 0; i < times / 4; i++) ed25519.verify(signer.id, message, signature)
  const from = process.threadCpuUsage()
  for (let i = 0; i < times; i++) ed25519.verify(signer.id, message, signature)
  const { user, system } = process.threadCpuUsage(from)
  return (user + system) / 1000 / times
}
