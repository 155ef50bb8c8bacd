import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** One way: ten milliseconds there and back is a line inside one town. */
const onWayMs = 5

const [port = ''] = process.argv.slice(2)

/** Passes on what comes, later by the length of the line, and in its order. */
function carried(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.on('data', (bytes: Buffer) => void setTimeout(() => to.write(bytes), onWayMs))
  from.on('close', () => void setTimeout(() => to.destroy(), onWayMs))
  // Whose end is gone is told by its close.
  from.on('error', () => {})
}

const server = createServer((near) => {
  const far = connect(Number(port), '127.0.0.1')
  carried(near, far)
  carried(far, near)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port)
await once(process, 'disconnect')
server.close()
