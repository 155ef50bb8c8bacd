/** Copies up to this length share memory. What one of them holds on to is not much more. */
const sharedBytesMax = 512
const blockBytes = 4096
let block = new Uint8Array(blockBytes)
let used = 0

/** A copy of bytes. Short ones share their memory: its allocation costs the most. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  if (length > sharedBytesMax) return bytes.slice()
  if (used + length > blockBytes) {
    block = new Uint8Array(blockBytes)
    used = 0
  }
  const copy = block.subarray(used, used + length)
  copy.set(bytes)
  used += length
  return copy
}
