import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Transfers } from './transfers.ts'

let directory: string
let server: Server
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-transfers-'))
  // Answers each byte with two.
  server = createServer((socket) => {
    socket.on('data', (bytes) => socket.write(Buffer.concat([bytes, bytes])))
  })
})
afterEach(async () => {
  server.close()
  await rm(directory, { recursive: true })
})

const evening = new Date(2026, 10, 30, 23, 59)
const midnight = new Date(2026, 11, 1, 0, 0)

async function opened(now: () => Date = () => evening): Promise<Transfers> {
  return await Transfers.open(directory, (refusal) => damages.push(refusal.code), now)
}

const damages: string[] = []
afterEach(() => {
  damages.length = 0
})

/** Sends so many bytes to the server and waits for its answer; the socket stays open. */
async function sent(bytes: number): Promise<() => Promise<void>> {
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.alloc(bytes))
  let came = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    came += (chunk as Buffer).length
    if (came === 2 * bytes) break
  }
  return async () => {
    socket.destroy()
    await once(socket, 'close')
  }
}

describe('transfers', () => {
  beforeEach(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  test('are counted while a connection is open and when it is closed, once', async () => {
    await using transfers = await opened()
    const close = await sent(1000)
    const once = { name: '2026-11-30', downBytes: 2000, upBytes: 1000 }
    expect(transfers.count.day).toEqual(once)
    await close()
    expect(transfers.count.day).toEqual(once)
    await (await sent(1))()
    expect(transfers.count).toEqual({
      v: 1,
      day: { name: '2026-11-30', downBytes: 2002, upBytes: 1001 },
      month: { name: '2026-11', downBytes: 2002, upBytes: 1001 },
    })
  })

  test('are kept over a restart', async () => {
    {
      await using _ = await opened()
      await (await sent(500))()
    }
    // What nobody counts is not of a node.
    await (await sent(500))()
    await using transfers = await opened()
    await (await sent(1))()
    expect(transfers.count.day).toMatchObject({ downBytes: 1002, upBytes: 501 })
    await transfers.keepSometimes()
    expect(JSON.parse(await readFile(join(directory, 'transfers.json'), 'utf8'))).toMatchObject({
      day: { downBytes: 1000 },
    })
  })

  test('of another day and another month are counted anew', async () => {
    let now = evening
    await using transfers = await opened(() => now)
    const close = await sent(10)
    expect(transfers.count.day.upBytes).toBe(10)
    now = midnight
    expect(transfers.count).toMatchObject({
      day: { name: '2026-12-01', downBytes: 0, upBytes: 0 },
      month: { name: '2026-12', upBytes: 0 },
    })
    await close()
    now = new Date(2026, 11, 2)
    await (await sent(3))()
    expect([transfers.count.day.upBytes, transfers.count.month.upBytes]).toEqual([3, 3])
    now = new Date(2026, 11, 3)
    expect([transfers.count.day.upBytes, transfers.count.month.upBytes]).toEqual([0, 3])
  })

  test.each(['', 'nonsense', '{"v":1}', '{"v":1,"day":{"name":"2026-11-30","downBytes":-1}}'])(
    'that cannot be read are said to be so, and are counted anew: %j',
    async (text) => {
      await writeFile(join(directory, 'transfers.json'), text)
      await using transfers = await opened()
      expect(damages).toEqual([expect.stringMatching(/^document\./)])
      expect(transfers.count.day.downBytes).toBe(0)
    },
  )
})

test('what goes to another process of the machine by a path is no transfer', async () => {
  const path = join(directory, 'socket')
  server.listen(path)
  await once(server, 'listening')
  await using transfers = await opened()
  const socket = connect(path)
  socket.write('abc')
  await once(socket, 'data')
  expect(transfers.count.day).toMatchObject({ downBytes: 0, upBytes: 0 })
  socket.destroy()
})
