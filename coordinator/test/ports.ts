import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below what systems give to who dials, or listens anywhere: what is free now is so for longer,
 * also while the process that is to listen there was ended, and others dial by the thousand.
 */
const [least, most] = [10_000, 32_000]

/** Ports of loopback that are free. */
export async function freePorts(count: number): Promise<number[]> {
  const free = new Set<number>()
  while (free.size < count) {
    const port = randomInt(least, most)
    if (await isFree(port)) free.add(port)
  }
  return [...free]
}

/** A port of loopback that is free. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const isIt = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (isIt) await once(server.close(), 'close')
  return isIt
}
