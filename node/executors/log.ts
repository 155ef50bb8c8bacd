import { limits } from '@nexapod/specs/wasm'
import type { OnLog } from './executor.ts'

/** A log has an end, which the program does not notice: nothing that it does may depend on it. */
export function bounded(onLog: OnLog): OnLog {
  let left: number = limits.logBytesMax
  return (stream, bytes) => {
    const some = bytes.slice(0, left)
    left -= some.length
    if (some.length > 0) onLog(stream, some)
  }
}
