import { Rush } from './rush.ts'

const r = new Rush({
  nodes: Number(process.argv[2] ?? 10000),
  units: Number(process.argv[3] ?? 100000),
  jobs: 10,
  atOnce: 1,
})
console.log(r.gather())
const n = Number(process.argv[3] ?? 100000)
for (const f of [0.1, 0.2, 0.4, 0.6, 0.8, 1]) {
  const o = r.until(n * f)
  console.log(f, JSON.stringify(o), Math.round((o.events / o.coreMs) * 1000))
}
