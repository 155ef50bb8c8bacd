/**
 * A process that stands before a coordinator and passes on what comes, each end of it as late as it
 * is told: `slow-road.ts ADDRESS PORT TO`. Who comes is known by its network, and has an
 * address of its own behind it too, so that nobody is taken for another.
 */
import { connect, createServer, type Socket } from 'node:net'

/** From now on what comes from there, and goes there, is so late; from anybody, without `from`. */
export interface Late {
  readonly ms: number
  readonly from?: string
}

const [address = '', port, to] = process.argv.slice(2)
const lates = new Map<string, number>()

/** Passes on in order, each piece as late as it is told then, and none before another. */
function pass(from: Socket, into: Socket, peer: string): void {
  let last = 0
  from.on('data', (bytes) => {
    const ms = lates.get(peer) ?? lates.get('') ?? 0
    const now = performance.now()
    last = Math.max(last, now + ms)
    if (last <= now) write(bytes)
    else setTimeout(write, last - now, bytes)
  })
  from.on('end', () => setTimeout(() => into.end(), Math.max(0, last - performance.now())))
  const write = (bytes: Buffer) => {
    if (into.destroyed || into.write(bytes) || from.isPaused()) return
    from.pause()
    into.once('drain', () => from.resume())
  }
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
  const peer = near.remoteAddress ?? ''
  const localAddress = `127.0.1.${peer.split('.').at(-2)}`
  const far = connect({
    ...{ host: '127.0.0.1', port: Number(to), localAddress, noDelay: true, allowHalfOpen: true },
  })
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    // An end that is gone in the middle of things is what is being tried.
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
    pass(one, other, peer)
  }
})
server.listen(Number(port), address, () => process.send?.('there'))
process.on('message', ({ ms, from = '' }: Late) => {
  if (ms === 0) lates.delete(from)
  else lates.set(from, ms)
})
process.on('disconnect', () => {
  server.close()
  process.kill(process.pid, 'SIGKILL')
})
