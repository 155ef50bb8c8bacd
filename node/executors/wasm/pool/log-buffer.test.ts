import { expect, test } from 'vitest'
import { LogBuffer } from './log-buffer.ts'

test('small pieces are told together, in their order, and each stream apart', () => {
  const told: [number, number][] = []
  const log = new LogBuffer((stream, bytes) => told.push([stream, bytes.length]))
  const piece = (length: number) => new Uint8Array(length)
  for (let i = 0; i < 100_000; i++) log.write(1, piece(1))
  log.write(2, piece(10))
  log.write(2, piece(10_000))
  log.write(1, piece(3))
  log.flush()
  log.flush()
  expect(told[0]).toEqual([1, 1])
  expect(told.length).toBeLessThan(100)
  const sum = (wanted: number) =>
    told.reduce((all, [stream, length]) => all + (stream === wanted ? length : 0), 0)
  expect([sum(1), sum(2)]).toEqual([100_003, 10_010])
  expect(told.slice(-3)).toEqual([
    [2, 10],
    [2, 10_000],
    [1, 3],
  ])
})
