import { runPrepared } from '../../specs/emit/wasm-run.ts'
import { prepare } from '../../specs/wasm/prepare.ts'
import { frames } from './frames.ts'

for (const { name, module } of frames()) {
  const answer = prepare(module, 4 * 65_536)
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.refusal)}`)
  const compiled = new WebAssembly.Module(answer.value.bytes as BufferSource)
  console.log(JSON.stringify({ name, ...runPrepared(compiled, 2n ** 40n) }))
}
