import { encode, type FromNode, fromNode } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { halfOpened, hearing } from '../test/channels.ts'
import { settled } from '../test/time.ts'

const alive: FromNode = { type: 'alive' }

describe('violations are answered by their code, and the stream is reset', () => {
  const frameOf = (...items: number[]) => [items.length + 1, 0x80 | 1, ...items]
  const aliveItem = [...encode(fromNode, alive)]
  const cases: readonly (readonly [string, readonly number[], string])[] = [
    ['a length of 0', [0], 'bytes.truncated'],
    ['a length beyond the bound', [0x81, 0x80, 0x10], 'bytes.too-large'],
    ['a length that is not in its shortest form', [0x85, 0x00], 'bytes.not-shortest'],
    ['a frame without messages', [1, 0x80], 'document.bounds'],
    ['what is no list', [1, 0xa0], 'document.type'],
    ['a list of indefinite length', [2, 0x9f, 0xff], 'bytes.indefinite'],
    ['a head that is not in its shortest form', [3, 0x98, 1, 0], 'bytes.not-shortest'],
    ['a float', [4, 0x81, 0xf9, 0, 0], 'bytes.float'],
    [
      'an unknown message',
      frameOf(0xa1, 0x64, 0x74, 0x79, 0x70, 0x65, 0x61, 0x61),
      'document.choice',
    ],
    [
      'bytes behind the last message',
      [aliveItem.length + 2, 0x81, ...aliveItem, 0],
      'bytes.trailing',
    ],
    ['a frame that is longer than its length', [3, 0x81, ...aliveItem], 'bytes.truncated'],
  ]
  test.each(cases)('%s', async (_, bytes, code) => {
    const { server, raw } = halfOpened()
    const heard = hearing()
    server.listen(heard)
    const answered: number[] = []
    let closed = false
    raw.listen({
      data: (piece) => answered.push(...piece),
      drained: () => {},
      ended: () => {},
      closed: () => {
        closed = true
      },
    })
    raw.send(Uint8Array.from(bytes))
    await settled()
    expect(heard.messages).toEqual([])
    expect(heard.refusal?.code).toBe(code)
    expect(Buffer.from(answered).includes(code)).toBe(true)
    expect(closed).toBe(true)
  })

  test('half a frame, and then the end', async () => {
    const { server, raw } = halfOpened()
    const heard = hearing()
    server.listen(heard)
    raw.listen({ data: () => {}, drained: () => {}, ended: () => {}, closed: () => {} })
    raw.send(Uint8Array.of(20, 0x81, 0xa1))
    raw.close()
    await settled()
    expect(heard).toMatchObject({ hasEnded: false, refusal: { code: 'bytes.truncated' } })
  })

  test('what came whole before them is heard', async () => {
    const { server, raw } = halfOpened()
    const heard = hearing()
    server.listen(heard)
    raw.listen({ data: () => {}, drained: () => {}, ended: () => {}, closed: () => {} })
    raw.send(Uint8Array.of(aliveItem.length + 1, 0x81, ...aliveItem, 0))
    await settled()
    expect(heard.messages).toEqual([alive])
    expect(heard.refusal?.code).toBe('bytes.truncated')
  })
})
