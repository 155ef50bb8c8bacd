import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Data } from '../data.ts'
import type { GatewayAnswer } from '../serve/gateway.ts'

/** An HTTP server on a port of its own, gone with the test. */
export async function listen(answer: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers requests from the gateway of this data, as a coordinator does. */
export function gatewayOf(data: Data): RequestListener {
  return async ({ method = '', url = '', headers }, response) => {
    await reply(await data.gateway({ method, url, headers }), response)
  }
}

async function reply({ status, headers, body }: GatewayAnswer, to: ServerResponse): Promise<void> {
  to.writeHead(status, headers)
  if (body === undefined || body instanceof Uint8Array) to.end(body)
  // A body that throws breaks the connection, which is all that a reader can be told by then.
  else await pipeline(Readable.from(body), to).catch(() => to.destroy())
}
