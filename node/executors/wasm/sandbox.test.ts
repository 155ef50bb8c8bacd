import { describe, expect, test } from 'vitest'
import { admit } from './run/module.ts'
import type { Task } from './run/task.ts'
import { program, runHere, taskOf, textAt } from './test/cast.ts'
import { importing } from './test/importing.ts'

const clean = { type: 'exit', executor: 0, code: 0 }

describe('a program that wants out finds no way', () => {
  test.each([
    ['files of the host, by absolute paths, by .. and through /proc', 'host-files'],
    ['descriptors that nobody gave it', 'guess'],
    ['symbolic and hard links', 'links'],
    ['names that another file system would read in another way', 'names'],
    ['memory beyond its own, by a pointer of every call', 'pointers'],
  ])('to %s', (_, attempt) => {
    expect(probe(attempt, { fuel: 10 ** 9 }).ran.ended).toEqual(clean)
  })

  test.each([
    ['a function that no profile has', 'env', 'system', 'ii:i'],
    ['a function of the host by another signature', 'wasi_snapshot_preview1', 'fd_close', 'iii:i'],
    ['a function that gives another type', 'wasi_snapshot_preview1', 'fd_close', 'i:I'],
    ['a socket', 'wasi_snapshot_preview1', 'sock_accept', 'iii:i'],
    ['what every object inherits', 'wasi_snapshot_preview1', 'constructor', 'i:i'],
    ['the prototype of the imports', 'wasi_snapshot_preview1', '__proto__', 'i:i'],
    ['the prototype of the modules', '__proto__', 'toString', ':i'],
  ])('by importing %s', (_, module, name, type) => {
    const answer = admit(importing(module, name, type), 2 ** 26)
    expect(answer).toMatchObject({ module: 'refused', refusal: expect.stringContaining('byte ') })
  })

  test('in its arguments, variables, clocks, chance and files: two runs see the same', () => {
    const [first, second] = [probe('surroundings'), probe('surroundings')]
    expect(first.log).toBe(second.log)
    expect(first.ran).toEqual(second.ran)
    const lines = first.log.split('\n')
    expect(lines.slice(0, 2)).toEqual(['argument program', 'argument surroundings'])
    // No variable of this process, or of any other, is among them.
    expect(lines[2]).toMatch(/^clock 0 1700000000000\d+$/)
    expect(first.log).not.toContain('variable')
  })

  test('and has another chance in another unit', () => {
    const other = probe('surroundings', { seed: new Uint8Array(32) })
    expect(other.log).not.toBe(probe('surroundings').log)
  })
})

describe('a program that wants everything is ended', () => {
  test.each([
    ['bytes in an output', 'flood-out', 'output-limit'],
    ['bytes in a scratch file', 'flood-scratch', 'output-limit'],
    ['files', 'many-files', 'output-limit'],
    ['directories', 'many-directories', 'output-limit'],
    ['files that are open and have no name', 'unlinked', 'output-limit'],
    ['the whole memory in a file, a thousand times at once', 'whole-memory', 'out-of-fuel'],
    ['time of a processor', 'loop', 'out-of-fuel'],
    ['sleep without end', 'sleep-loop', 'out-of-fuel'],
    ['calls of the host', 'yield', 'out-of-fuel'],

    ['a log', 'flood-stdout', 'out-of-fuel'],
    ['depth', 'recurse', 'stack-limit'],
  ])('over %s', (_, attempt, type) => {
    expect(probe(attempt).ran.ended).toEqual({ type, executor: 0 })
  })

  test.each([
    ['a file of holes', 'sparse'],
    ['a byte far beyond the end', 'far'],
    ['room set aside', 'allocate'],
  ])('over %s: by its fuel, or else by its room', (_, attempt) => {
    expect(probe(attempt).ran.ended).toEqual({ type: 'out-of-fuel', executor: 0 })
    const rich = probe(attempt, { fuel: 10 ** 11 })
    expect(rich.ran.ended).toEqual({ type: 'output-limit', executor: 0 })
  })

  test('over bytes on standard output, where its job keeps them', () => {
    const { ran } = probe('flood-stdout', {}, { stdout: '/out/text' })
    expect(ran.ended).toEqual({ type: 'output-limit', executor: 0 })
    expect(textAt(ran, '/out/text')?.length).toBeLessThanOrEqual(1_000_000)
  })

  test('over chance', () => {
    expect(probe('random', { fuel: 10 ** 8 }).ran.ended).toEqual({
      type: 'out-of-fuel',
      executor: 0,
    })
  })

  test('and its log has an end', () => {
    expect(probe('flood-stdout').log.length).toBe(256 * 1024)
  })

  test('over calls of the host, however much fuel it has', { timeout: 120_000 }, () => {
    const { ran } = probe('yield', { fuel: 2 ** 49 })
    expect(ran.ended).toEqual({ type: 'trap', executor: 0 })
    expect(ran.fuel).toBeGreaterThan(10_000_000 * 1000)
  })
})

describe('a program that wants much gets what its job allows', () => {
  test.each([
    ['descriptors: 64', 'descriptors'],
    ['buffers at once: 1024', 'lists'],
    ['directories in one another: 32', 'depth'],
    ['sleep for ever: none of it', 'sleep-for-ever'],
    ['room that it gave back', 'again'],
    ['files one after the other that it cut off', 'shrink'],
  ])('%s', (_, attempt) => {
    expect(probe(attempt, { fuel: 10 ** 10 }).ran.ended).toEqual(clean)
  })

  test('memory up to what its job allows, and no page more', () => {
    expect(probe('grow').log).toBe('1024\n')
    expect(probe('grow', { memoryBytesMax: 16 * 2 ** 20 }).log).toBe('256\n')
  })

  test('small writes in time that grows with their number alone', () => {
    const timed = (count: number) => {
      const start = performance.now()
      const more = { fuel: 10 ** 12, fileBytesMax: 10 ** 7 }
      const task = taskOf([program('probes', ['small-writes', String(count)])], more)
      expect(runHere(task).ran.ended).toEqual(clean)
      return performance.now() - start
    }
    timed(20_000)
    const few = Math.min(timed(20_000), timed(20_000), timed(20_000))
    const many = Math.min(timed(160_000), timed(160_000))
    expect(many).toBeLessThan(few * 8 * 3)
  })
})

function probe(attempt: string, more: Partial<Task> = {}, of: Parameters<typeof program>[2] = {}) {
  return runHere(taskOf([program('probes', [attempt], of)], more))
}
