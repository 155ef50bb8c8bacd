import { readFileSync } from 'node:fs'
import { exported, hostModule } from '../../../specs/wasm/face.ts'
import { prepare } from '../../../specs/wasm/prepare.ts'

const memoryBytesMax = 512 * 1024 * 1024
const limit = 2n ** 49n
/** What the host says to what it does not do: not supported. */
const unsupported = 52

/** Runs one module with a host that only prints, and tells result, fuel and CPU time. */
const [path = ''] = process.argv.slice(2)
const answer = prepare(new Uint8Array(readFileSync(path)), memoryBytesMax)
if (!answer.ok) throw new Error(JSON.stringify(answer.refusal))
const { bytes, imports } = answer.value
let text = ''
const host: Record<string, WebAssembly.ImportValue> = {}
for (const name of imports) host[name] = () => unsupported
host.fd_write = (_fd: number, vectors: number, count: number, written: number) => {
  const view = new DataView(memory.buffer)
  let total = 0
  for (let at = vectors; at < vectors + count * 8; at += 8) {
    const length = view.getUint32(at + 4, true)
    text += Buffer.from(memory.buffer, view.getUint32(at, true), length).toString()
    total += length
  }
  view.setUint32(written, total, true)
  return 0
}
const compiled = new WebAssembly.Module(bytes as BufferSource)
const { exports } = new WebAssembly.Instance(compiled, { [hostModule]: host })
const memory = exports[exported.memory] as WebAssembly.Memory
const fuel = exports[exported.fuel] as WebAssembly.Global<'i64'>
fuel.value = limit
const before = process.cpuUsage()
;(exports[exported.start] as () => void)()
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ us: user + system, fuel: Number(limit - fuel.value), text }))
