import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accept, limits } from '@nexapod/specs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { askAtDoor, type DoorQuestion, openDoor } from './door.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-door-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Opens a door behind which somebody repeats what was asked. */
async function opened(heard: DoorQuestion[] = []): Promise<AsyncDisposable> {
  const door = await openDoor(directory, async (question) => {
    heard.push(question)
    return accept({ asked: question })
  })
  if (!door.ok) throw new Error(door.refusal.code)
  return door.value
}

/** Says something at the door as it is; gives all that is answered until it is closed. */
async function said(text: string): Promise<string> {
  const socket = connect(join(directory, 'door', 'socket'))
  let answer = ''
  socket.on('data', (bytes: Buffer) => {
    answer += bytes
  })
  // Whoever says too much may be cut off while it is still talking.
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe('the door', () => {
  test('answers a question with one line, and lets its caller go', async () => {
    const heard: DoorQuestion[] = []
    await using _ = await opened(heard)
    expect(await askAtDoor(directory, { type: 'status' })).toMatchObject({
      ok: true,
      value: { asked: { type: 'status' } },
    })
    expect((await askAtDoor(directory, { type: 'order', order: 'pause' })).ok).toBe(true)
    expect(heard).toEqual([{ type: 'status' }, { type: 'order', order: 'pause' }])
  })

  test('has room again as soon as a caller has gone', async () => {
    await using _ = await opened()
    for (let i = 0; i < 2 * limits.doorCallersMax; i++) {
      expect((await askAtDoor(directory, { type: 'status' })).ok).toBe(true)
    }
  })

  test('is in a folder that nobody but the owner may enter, whatever is around it', async () => {
    await chmod(directory, 0o777)
    await using _ = await opened()
    expect((await stat(join(directory, 'door'))).mode & 0o777).toBe(0o700)
  })

  test('stands where a node that was killed has left its own', async () => {
    const left = await opened()
    await using _ = await opened()
    expect((await askAtDoor(directory, { type: 'status' })).ok).toBe(true)
    await left[Symbol.asyncDispose]()
  })

  test('goes with the node, and then nobody answers', async () => {
    await (await opened())[Symbol.asyncDispose]()
    expect(await readdir(directory)).toEqual([])
    const asked = await askAtDoor(directory, { type: 'status' })
    expect(asked).toMatchObject({ ok: false, refusal: { code: 'node.door' } })
  })

  test('lets go last whom it answers, also when what was said ends the node', async () => {
    const gone = Promise.withResolvers<void>()
    const door = await openDoor(directory, async () => {
      gone.resolve()
      // The node begins to end before it has answered.
      await new Promise((done) => setImmediate(done))
      return accept('last')
    })
    if (!door.ok) throw new Error(door.refusal.code)
    const asked = askAtDoor(directory, { type: 'order', order: 'finish' })
    await gone.promise
    await door.value[Symbol.asyncDispose]()
    expect(await asked).toEqual({ ok: true, value: 'last' })
  })

  test('is not where the path is too long for a socket', async () => {
    const long = join(directory, 'a'.repeat(limits.socketPathBytesMax))
    const door = await openDoor(long, async () => accept({}))
    expect(door).toMatchObject({ ok: false, refusal: { code: 'node.door' } })
    expect((await askAtDoor(long, { type: 'status' })).ok).toBe(false)
  })
})

describe('what is said there wrong', () => {
  test('is refused with its place, and does nothing', async () => {
    const heard: DoorQuestion[] = []
    await using _ = await opened(heard)
    for (const text of ['nonsense', '[]', '{"type":"order","order":"burn"}', '{"type":"open"}']) {
      expect(JSON.parse(await said(`${text}\n`)), text).toMatchObject({
        refusal: { code: expect.stringMatching(/^document\./) },
      })
    }
    expect(heard).toEqual([])
  })

  test('is not read beyond its bound, nor beyond its first line', async () => {
    const heard: DoorQuestion[] = []
    await using _ = await opened(heard)
    expect(await said(' '.repeat(limits.doorQuestionBytesMax + 1))).toBe('')
    const twice = '{"type":"status"}\n'.repeat(2)
    expect((await said(twice)).split('\n')).toHaveLength(2)
    expect(heard).toHaveLength(1)
  })

  test('lets others in beside those who are silent', async () => {
    await using _ = await opened()
    const path = join(directory, 'door', 'socket')
    const silent = Array.from({ length: limits.doorCallersMax - 1 }, () => connect(path))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    expect((await askAtDoor(directory, { type: 'status' })).ok).toBe(true)
    for (const socket of silent) socket.destroy()
  })
})
