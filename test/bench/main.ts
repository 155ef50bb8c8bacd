import { parseArgs } from 'node:util'
import { type Figure, measured, table } from './harness.ts'

/** The benchmarks by name. */
const benches: Readonly<Record<string, (entries: number) => Promise<readonly Figure[]>>> = {
  coordinator: async () => await (await import('./coordinator.ts')).figures(),
  specs: async () => measured((await import('./specs.ts')).measures()),
  ledger: async (entries) => await (await import('./ledger.ts')).figures(entries),
  mesh: async () => await (await import('./mesh.ts')).figures(),
  connections: async () => await (await import('./connections.ts')).figures(),
  units: async () => (await import('./units.ts')).figures(),
  queue: async () => (await import('./queue.ts')).figures(),
  data: async () => await (await import('./data.ts')).figures(),
  docker: async () => await (await import('./docker.ts')).figures(),
  wasm: async () => (await import('./wasm.ts')).figures(),
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    entries: { type: 'string', default: '1000000' },
  },
  allowPositionals: true,
})
const [name = ''] = positionals
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench === undefined) {
  console.error(`pnpm bench ${Object.keys(benches).join(' | ')} [--json] [--entries 1000000]`)
  process.exitCode = 2
} else {
  const figures = await bench(Number(values.entries))
  if (values.json)
    console.log(JSON.stringify({ bench: name, node: process.version, figures }, null, 2))
  else console.log(table(figures))
}
