import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Status } from '../home/view.ts'

/** Upper ends of the durations that are told apart, in seconds. */
const bucketsSeconds = [0.005, 0.025, 0.1, 0.5, 2.5, 10]

interface Answered {
  readonly labels: string
  readonly buckets: number[]
  count: number
  seconds: number
}

/** Counts what is asked, and tells it as Prometheus reads it: in base units, without any key. */
export class Metrics implements Disposable {
  readonly #answered = new Map<string, Answered>()
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })

  constructor() {
    this.#delay.enable()
  }

  /** A request was answered. The route is one of ours, so that there are not many. */
  note(method: string, route: string, status: number, seconds: number): void {
    const labels = `method="${method}",route="${route}",status="${status}"`
    let answered = this.#answered.get(labels)
    if (answered === undefined) {
      answered = { labels, buckets: bucketsSeconds.map(() => 0), count: 0, seconds: 0 }
      this.#answered.set(labels, answered)
    }
    const { buckets } = answered
    for (const [i, end] of bucketsSeconds.entries())
      if (seconds <= end) buckets[i] = (buckets[i] ?? 0) + 1
    answered.count++
    answered.seconds += seconds
  }

  /** All of it as text. */
  text(
    status: Status,
    more: { readonly streams: number; readonly uploadedBytes: number; readonly forked: number },
  ): string {
    const { user, system } = process.cpuUsage()
    const delay = this.#delay.percentile(99) / 1e9
    this.#delay.reset()
    const gauges: [string, string, number][] = [
      ['nexapod_nodes', 'Nodes with a stream.', status.nodes],
      ['nexapod_jobs_open', 'Jobs that have not ended.', status.jobs],
      ['nexapod_leases', 'Leases that hold.', status.leases],
      ['nexapod_units_open', 'Units that nobody has.', status.openUnits],
      ['nexapod_ledger_entries', 'Entries on the disk.', status.size],
      ['nexapod_ledger_checkpointed_entries', 'Below a checkpoint.', status.checkpointed],
      ['nexapod_ledger_epoch', 'Epoch of the chain.', status.epoch],
      ['nexapod_draining', '1 if it takes nothing more.', status.draining ? 1 : 0],
      ['nexapod_frozen', '1 if its chain was forked.', status.frozen ? 1 : 0],
      ['nexapod_chains_forked', 'Chains with a proof of a fork.', more.forked],
      ['nexapod_http_streams', 'Streams of entries that are open.', more.streams],
      ['nexapod_uploaded_bytes', 'Bytes kept of uploads.', more.uploadedBytes],
      ['nexapod_resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()],
      ['nexapod_cpu_seconds_total', 'Processor time of the process.', (user + system) / 1e6],
      ['nexapod_event_loop_delay_seconds', '99th percentile since it was read last.', delay],
    ]
    const lines = gauges.flatMap(([name, help, value]) => {
      const type = name.endsWith('_total') ? 'counter' : 'gauge'
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`]
    })
    return `${[...lines, ...this.#durations()].join('\n')}\n`
  }

  [Symbol.dispose](): void {
    this.#delay.disable()
  }

  #durations(): string[] {
    const name = 'nexapod_http_request_seconds'
    const lines = [`# HELP ${name} Requests that were answered.`, `# TYPE ${name} histogram`]
    for (const { labels, buckets, count, seconds } of this.#answered.values()) {
      for (const [i, end] of bucketsSeconds.entries()) {
        lines.push(`${name}_bucket{${labels},le="${end}"} ${buckets[i]}`)
      }
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${count}`)
      lines.push(`${name}_sum{${labels}} ${seconds}`, `${name}_count{${labels}} ${count}`)
    }
    return lines
  }
}
