import { toHex } from '../bytes/text.ts'
import { programs } from '../examples/wasm-programs.ts'
import { refusals } from '../examples/wasm-refused.ts'
import type { Json } from '../schema/schema.ts'
import { prepare } from '../wasm/prepare.ts'
import { runPrepared } from './wasm-run.ts'

const memoryBytesMax = 4 * 65_536

/** Modules as the pass makes them and how they end, and modules that it refuses. */
export function wasmVectors(): Json {
  return {
    runs: programs.map(({ name, module, fuel, memoryBytesMax: memory }) => {
      const answer = prepare(module, memory)
      if (!answer.ok) throw new Error(`${name} is refused: ${JSON.stringify(answer.refusal)}`)
      const { bytes } = answer.value
      const told = runPrepared(new WebAssembly.Module(bytes as BufferSource), BigInt(fuel))
      return {
        name,
        module: hexOf(module),
        memoryBytesMax: memory,
        limit: fuel,
        prepared: hexOf(bytes),
        ended: told.ended,
        fuel: Number(told.fuel),
        memory: told.memory,
      }
    }),
    refused: refusals.map(({ name, module, memoryBytesMax: memory = memoryBytesMax }) => {
      const answer = prepare(module, memory)
      if (answer.ok) throw new Error(`a module ${name} is taken`)
      const { code, at } = answer.refusal
      return { name, module: hexOf(module), memoryBytesMax: memory, code, at: at ?? '' }
    }),
  }
}

const patternBytesMax = 8
const timesMin = 64

/** Bytes in hexadecimal; what is often repeated in it stands once: `[pattern, times]`. */
function hexOf(bytes: Uint8Array): Json {
  const parts: Json[] = []
  let plain = 0
  let at = 0
  const put = (end: number) => {
    if (end > plain) parts.push(toHex(bytes.subarray(plain, end)))
  }
  while (at < bytes.length) {
    const { size, times } = repeated(bytes, at)
    if (times < timesMin) {
      at++
      continue
    }
    put(at)
    parts.push([toHex(bytes.subarray(at, at + size)), times])
    at += size * times
    plain = at
  }
  put(bytes.length)
  return parts.length <= 1 ? (parts[0] ?? '') : parts
}

function repeated(bytes: Uint8Array, at: number): { size: number; times: number } {
  for (let size = 1; size <= patternBytesMax; size++) {
    let end = at + size
    while (end < bytes.length && bytes[end] === bytes[end - size]) end++
    const times = Math.floor((end - at) / size)
    if (times >= timesMin) return { size, times }
  }
  return { size: 1, times: 1 }
}
