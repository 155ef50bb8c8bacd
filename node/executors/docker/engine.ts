import Docker from 'dockerode'

export type { Docker }

/** The engine of this machine: where `DOCKER_HOST` says, or where it usually is; or at a socket. */
export function engineAt(socket?: string): Docker {
  return socket === undefined ? new Docker() : new Docker({ socketPath: socket })
}

/** Whether something that was thrown is the engine's no, or the engine's absence. */
export function isOfEngine(cause: unknown): boolean {
  // Who fails while it is closed throws both: what it failed for, and why it could not be closed.
  if (cause instanceof SuppressedError) {
    return isOfEngine(cause.error) && isOfEngine(cause.suppressed)
  }
  return statusOf(cause) !== undefined || isGone(cause)
}

/** The status of an answer of the engine that is a no. */
export function statusOf(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('statusCode' in cause)) return undefined
  return typeof cause.statusCode === 'number' ? cause.statusCode : undefined
}

/** What a thing that may be gone already gives; undefined if it is. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (cause) {
    if (statusOf(cause) === 404) return undefined
    throw cause
  }
}

const gone = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'EACCES',
  'ABORT_ERR',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ECONNABORTED',
  'ETIMEDOUT',
])

/** Whether something was thrown since no engine is there, or is there any more. */
export function isGone(cause: unknown): boolean {
  if (cause instanceof SuppressedError) return isGone(cause.error) || isGone(cause.suppressed)
  if (!(cause instanceof Error)) return false
  return 'code' in cause && gone.has(String(cause.code))
}
