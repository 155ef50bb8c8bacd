import type { Stream } from '@libp2p/interface'

/** Memory that is freed when all that it was lent to have copied what they keep. */
const owned = new WeakSet<ArrayBufferLike>()
/** Streams whose readers keep nothing of what they are given. */
const copying = new WeakSet<Stream>()

/** Below this the collector is cheaper. */
const freedBytesMin = 4096

/** Memory that was made for these bytes and nothing else: from now on it may be freed. */
export function own<T extends Uint8Array>(bytes: T): T {
  owned.add(bytes.buffer)
  return bytes
}

/** Whether these bytes will be freed after they were read. */
export function isOwned({ buffer }: Uint8Array): boolean {
  return owned.has(buffer)
}

/**
 * Frees owned memory at once, so that the next message uses it again. The collector counts it with
 * the heap, and would come by every sixteen messages.
 */
export function free({ buffer }: Uint8Array): void {
  if (owned.delete(buffer)) detach(buffer)
}

/** Frees owned memory if these bytes, which were read, are the last of it. */
export function freeRead(bytes: Uint8Array): void {
  if (bytes.byteOffset + bytes.byteLength === bytes.buffer.byteLength) free(bytes)
}

/** Frees memory that a socket made for what came, if these bytes are all of it. */
export function freeWhole({ buffer, byteLength }: Uint8Array): void {
  if (byteLength >= freedBytesMin && byteLength === buffer.byteLength) detach(buffer)
}

/** The reader of this stream copies what it keeps, before it returns. */
export function lendTo(stream: Stream): void {
  copying.add(stream)
}

/** Whether a stream is read by somebody who copies. */
export function isLentTo(stream: Stream): boolean {
  return copying.has(stream)
}

function detach(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
