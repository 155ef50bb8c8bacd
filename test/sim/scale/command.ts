import { parseArgs } from 'node:util'
import { sha256 } from '../../../specs/index.ts'
import { floorOf } from './floor.ts'
import { type Outcome, Rush } from './rush.ts'
import { several } from './several.ts'

/** What an event costs by how many units are open, then a crowd of nodes at one coordinator. */
export async function scaleCommand(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string' },
      units: { type: 'string' },
      coordinators: { type: 'boolean', default: false },
    },
  })
  if (values.coordinators) {
    // There every node signs for real, which takes longer than to judge what it says.
    await several(Number(values.nodes ?? 1500), Number(values.units ?? 9000))
    return
  }
  const hashUs = microsOfHash()
  console.log(`a SHA-256 of 1 KiB takes ${hashUs.toFixed(2)} us here, beside what else runs\n`)
  console.log('open units    us an event    in hashes')
  for (const units of [1e3, 1e4, 1e5, 1e6]) {
    const rush = new Rush({ nodes: 500, units, jobs: Math.min(100, units / 100), atOnce: 1 })
    rush.gather()
    const us = microsOf(rush.until(Math.min(units / 2, 5000)))
    const cells = [units, us.toFixed(1), (us / microsOfHash()).toFixed(1)]
    console.log(`${cells[0]}`.padStart(10), `${cells[1]}`.padStart(14), `${cells[2]}`.padStart(12))
  }
  floor()
  crowd(Number(values.nodes ?? 100_000), Number(values.units ?? 1_000_000))
}

/** What the contract alone takes, in the same run as the whole. */
function floor(): void {
  const { outcome, entriesUs, learningUs, leasesUs, acknowledgementsUs } = floorOf(5000, 40_000)
  const wholeUs = (outcome.coreMs * 1000) / outcome.units
  const leastUs = entriesUs + learningUs + leasesUs + acknowledgementsUs
  const rate = (us: number) => Math.round((outcome.events / outcome.units / us) * 1e6)
  const us = (micros: number) => `${micros.toFixed(1)} us`
  console.log(
    `\na unit of 5000 nodes takes ${us(wholeUs)}, that is ${rate(wholeUs)} events/s; of that, with`,
    `nothing decided:\n  entries ${us(entriesUs)}, learning them ${us(learningUs)},`,
    `leases ${us(leasesUs)}, acknowledgements ${us(acknowledgementsUs)}:`,
    `${us(leastUs)}, that is ${rate(leastUs)} events/s`,
  )
}

function crowd(nodes: number, units: number): void {
  console.log(`\n${nodes} nodes, ${units} units, one coordinator`)
  const rush = new Rush({ nodes, units, jobs: 100, atOnce: 1 })
  print('all have come', rush.gather())
  for (let tenth = 1; tenth <= 10; tenth++) {
    print(`${tenth * 10} % decided`, rush.until(Math.floor((units * tenth) / 10)))
  }
}

function print(what: string, outcome: Outcome): void {
  const { events, messages, units, coreMs, entries, heapBytes } = outcome
  const us = microsOf(outcome).toFixed(1)
  const heap = Math.round(heapBytes / 1e6)
  const [eventRate, messageRate, unitRate] = [events, messages, units].map((many) => {
    return Math.round(many / (coreMs / 1000))
  })
  console.log(
    `${what.padEnd(14)} ${events} events, ${us} us an event; of one core ${eventRate} events/s,`,
    `${messageRate} messages/s, ${unitRate} units/s; ${entries} entries, heap ${heap} MB`,
  )
}

function microsOf({ events, coreMs }: Outcome): number {
  return (coreMs * 1000) / events
}

/** The yardstick: one hash, in the time of this thread. */
function microsOfHash(): number {
  const bytes = new Uint8Array(1024)
  const times = 20_000
  for (let i = 0; i < times; i++) sha256(bytes)
  const before = process.threadCpuUsage()
  for (let i = 0; i < times; i++) sha256(bytes)
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / times
}
