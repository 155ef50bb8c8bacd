import { decode, encode, type ToFollower, toFollower } from '@nexapod/specs'

/** Messages in one buffer, which goes to a thread as it is. */
export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** How long each of them is. */
  readonly lengths: readonly number[]
}

/** Messages as they are sent to a thread: views of a frame would bring all of it, each. */
export function packed(messages: readonly ToFollower[]): Packed {
  const parts = messages.map((message) => encode(toFollower, message))
  const lengths = parts.map(({ length }) => length)
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes, lengths }
}

/** The messages that were packed: they were checked when they came. */
export function unpacked({ bytes, lengths }: Packed): ToFollower[] {
  let at = 0
  return lengths.map((length) => {
    const message = decode(toFollower, bytes.subarray(at, at + length))
    if (!message.ok) throw new Error('what was packed is no message')
    at += length
    return message.value
  })
}
