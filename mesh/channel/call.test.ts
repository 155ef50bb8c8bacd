import {
  type Answer,
  type AnswerMessage,
  type ChainId,
  type JobId,
  limits,
  type Question,
  refuse,
  toHex,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { type BothOptions, both } from '../test/channels.ts'
import { settled, TestClock } from '../test/time.ts'
import { type Answerer, Asker, answerCalls } from './call.ts'
import type { Channel } from './channel.ts'
import { sides } from './side.ts'

const forever = new AbortController().signal
const done: AnswerMessage = { type: 'done' }
const chain = 'c'.repeat(64) as ChainId

function job(number: number): Question & { type: 'job' } {
  return { type: 'job', job: toHex(new Uint8Array(32).fill(number)) as JobId }
}

function asking(answer: Answerer, options: Partial<BothOptions> = {}) {
  const clock = new TestClock()
  const servers: Channel<AnswerMessage, Question>[] = []
  const asker = new Asker({
    clock,
    async dial() {
      const { opener, server } = both(sides.call, { clock, seed: servers.length + 1, ...options })
      servers.push(server)
      answerCalls(server, answer)
      return { ok: true, value: opener }
    },
  })
  return { clock, asker, servers }
}

function numberOf({ job }: { readonly job: JobId }): number {
  return Number.parseInt(job.slice(0, 2), 16)
}

/** The number of a job is the number of its units, so that answers can be told apart. */
const echo: Answerer = async (question) =>
  question.type === 'job'
    ? { type: 'job', chain, units: numberOf(question), accepted: 0, dead: 0 }
    : done

function unitsOf(answer: Answer<AnswerMessage>): number | string {
  if (!answer.ok) return answer.refusal.code
  return answer.value.type === 'job' ? answer.value.units : answer.value.type
}

test('many ask at once, and each gets its own answer, over one stream', async () => {
  const { asker, servers } = asking(echo)
  const asked = Array.from({ length: 50 }, (_, i) => asker.ask(job(i + 1), forever))
  expect((await Promise.all(asked)).map(unitsOf)).toEqual(asked.map((_, i) => i + 1))
  expect(servers).toHaveLength(1)
})

test('a refusal is the answer to its question alone', async () => {
  const { asker, servers } = asking(async (question, signal) =>
    question.type === 'job' && question.job.startsWith('02')
      ? { type: 'refuse', refusal: { code: 'job.unknown' } }
      : echo(question, signal),
  )
  const asked = [1, 2, 3].map((number) => asker.ask(job(number), forever))
  expect((await Promise.all(asked)).map(unitsOf)).toEqual([1, 'job.unknown', 3])
  expect(servers).toHaveLength(1)
})

test('an answer to another question is refused, and the stream with it', async () => {
  const { asker, servers } = asking(async () => ({ type: 'behind', size: 1 }))
  expect(unitsOf(await asker.ask(job(1), forever))).toBe('wire.message')
  await asker.ask(job(1), forever)
  expect(servers).toHaveLength(2)
})

test('a stream that breaks fails its question, and the next opens another', async () => {
  const { asker, servers } = asking(async (question, signal) => {
    if (servers.length === 1) servers[0]?.refuse({ code: 'wire.closing' })
    return echo(question, signal)
  })
  expect(unitsOf(await asker.ask(job(1), forever))).toBe('wire.closing')
  expect(unitsOf(await asker.ask(job(2), forever))).toBe(2)
})

test('an answer that does not come in time is given up with its stream', async () => {
  const { clock, asker, servers } = asking((question, signal) =>
    servers.length > 1 ? echo(question, signal) : new Promise(() => {}),
  )
  const first = asker.ask(job(1), forever)
  const second = asker.ask(job(2), forever)
  await clock.pass(limits.answerMs + 1)
  expect((await Promise.all([first, second])).map(unitsOf)).toEqual(['wire.deadline', 2])
})

test('who does not want to know any more frees the way for the next', async () => {
  let gone = 0
  const { asker, servers } = asking((question, signal) => {
    signal.addEventListener('abort', () => gone++)
    return servers.length > 1 ? echo(question, signal) : new Promise(() => {})
  })
  const impatient = new AbortController()
  const first = asker.ask(job(1), impatient.signal)
  const waiting = asker.ask(job(2), impatient.signal)
  const last = asker.ask(job(3), forever)
  await settled()
  impatient.abort(new Error('enough'))
  await expect(first).rejects.toThrow('enough')
  await expect(waiting).rejects.toThrow('enough')
  expect(unitsOf(await last)).toBe(3)
  expect(gone).toBe(1)
})

test('more than may wait are refused, and nothing of them is asked', async () => {
  const asked: number[] = []
  const release = Promise.withResolvers<void>()
  const { asker } = asking(async (question, signal) => {
    await release.promise
    const answer = await echo(question, signal)
    asked.push(unitsOf({ ok: true, value: answer }) as number)
    return answer
  })
  const all = Array.from({ length: limits.questionsMax + 2 }, (_, i) =>
    asker.ask(job(i + 1), forever),
  )
  await settled()
  release.resolve()
  const answers = (await Promise.all(all)).map(unitsOf)
  expect(answers.filter((answer) => answer === 'wire.full')).toHaveLength(
    answers.length - asked.length,
  )
  expect(answers.at(-1)).toBe('wire.full')
})

test('a dial that is refused is the answer', async () => {
  const asker = new Asker({ clock: new TestClock(), dial: async () => refuse('wire.closing') })
  expect(unitsOf(await asker.ask(job(1), forever))).toBe('wire.closing')
})

test('a dial that fails is the answer to all who wait, and the next one dials anew', async () => {
  let dials = 0
  const dial = async () => {
    dials++
    return refuse('wire.unreachable')
  }
  const asker = new Asker({ clock: new TestClock(), dial })
  const asked = [1, 2, 3].map((number) => asker.ask(job(number), forever))
  expect((await Promise.all(asked)).map(unitsOf)).toEqual(Array(3).fill('wire.unreachable'))
  expect(dials).toBe(1)
  await asker.ask(job(4), forever)
  expect(dials).toBe(2)
})

test('a question before the answer to the last is refused, and the stream reset', async () => {
  const clock = new TestClock()
  const { opener, server } = both(sides.call, { clock })
  const heard: AnswerMessage[] = []
  answerCalls(server, () => new Promise(() => {}))
  opener.listen({
    heard: (messages) => heard.push(...messages),
    drained: () => {},
    ended: () => {},
    closed: () => {},
  })
  opener.say([job(1), job(2)])
  await settled()
  expect(heard).toMatchObject([{ type: 'refuse', refusal: { code: 'wire.message' } }])
})

test('a stream without questions is closed before the other end loses its patience', async () => {
  const { clock, asker, servers } = asking(echo)
  await asker.ask(job(1), forever)
  await clock.pass(limits.answerMs)
  expect(clock.waiting).toBe(0)
  expect(unitsOf(await asker.ask(job(2), forever))).toBe(2)
  expect(servers).toHaveLength(2)
})

test('who asks and closes its end gets its answer nevertheless', async () => {
  const clock = new TestClock()
  const { opener, server } = both(sides.call, { clock })
  const release = Promise.withResolvers<void>()
  answerCalls(server, async (question, signal) => {
    await release.promise
    return echo(question, signal)
  })
  const heard: AnswerMessage[] = []
  let over: unknown = 'open'
  opener.listen({
    heard: (messages) => heard.push(...messages),
    drained: () => {},
    ended: () => {},
    closed: (refusal) => {
      over = refusal
    },
  })
  opener.say([job(7)])
  opener.close()
  await settled()
  release.resolve()
  await settled()
  expect(heard).toMatchObject([{ type: 'job', units: 7 }])
  expect(over).toBeUndefined()
})

test('what is closed tells everybody who waits', async () => {
  const { asker } = asking(() => new Promise(() => {}))
  const asked = [1, 2].map((number) => asker.ask(job(number), forever))
  await settled()
  await asker[Symbol.asyncDispose]()
  expect((await Promise.all(asked)).map(unitsOf)).toEqual(['wire.cut', 'wire.cut'])
  expect(unitsOf(await asker.ask(job(1), forever))).toBe('wire.cut')
})
