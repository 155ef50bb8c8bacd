import { parseArgs } from 'node:util'
import { type Figure, measured, table } from './harness.ts'

/** How much a benchmark does, where it can be told. */
interface Scale {
  readonly entries: number
  readonly units: number
  readonly profiles?: string
}

const whole = async () => await import('./whole/workloads.ts')

/** The benchmarks by name. */
const benches: Readonly<Record<string, (scale: Scale) => Promise<readonly Figure[]>>> = {
  coordinator: async () => await (await import('./coordinator.ts')).figures(),
  specs: async () => measured((await import('./specs.ts')).measures()),
  ledger: async ({ entries }) => await (await import('./ledger.ts')).figures(entries),
  mesh: async () => await (await import('./mesh.ts')).figures(),
  connections: async () => await (await import('./connections.ts')).figures(),
  units: async () => (await import('./units.ts')).figures(),
  queue: async () => (await import('./queue.ts')).figures(),
  data: async () => await (await import('./data.ts')).figures(),
  control: async () => await (await import('./control.ts')).figures(),
  docker: async () => await (await import('./docker.ts')).figures(),
  wall: async () => await (await import('./wall.ts')).figures(),
  wasm: async () => (await import('./wasm.ts')).figures(),
  w1: async (scale) => await (await whole()).noOp(scale),
  w2: async (scale) => await (await whole()).validated(scale),
  w3: async (scale) => await (await whole()).long(scale),
  w5: async (scale) => await (await whole()).idle(scale),
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    entries: { type: 'string', default: '1000000' },
    units: { type: 'string', default: '10000' },
    profiles: { type: 'string' },
  },
  allowPositionals: true,
})
const [name = ''] = positionals
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench === undefined) {
  const options = '[--json] [--entries 1000000] [--units 10000] [--profiles DIRECTORY]'
  console.error(`pnpm bench ${Object.keys(benches).join(' | ')} ${options}`)
  process.exitCode = 2
} else {
  const { entries, units, profiles } = values
  const scaled = {
    ...{ entries: Number(entries), units: Number(units) },
    ...(profiles === undefined ? {} : { profiles }),
  }
  const figures = await bench(scaled)
  if (values.json)
    console.log(JSON.stringify({ bench: name, node: process.version, figures }, null, 2))
  else console.log(table(figures))
}
