import { expect, test } from 'vitest'
import { News } from './news.ts'

const never = new AbortController().signal

test('who waits hears of the next change, and misses none that came before it waited', async () => {
  const news = new News()
  const { count } = news
  const waiting = [news.wait(never), news.wait(never, count)]
  news.tell()
  await Promise.all(waiting)
  await news.wait(never, count)
  expect(news.waiting).toBe(0)
})

test('who stops waiting leaves nothing behind', async () => {
  const news = new News()
  const gone = new AbortController()
  const all = Array.from({ length: 100 }, () => news.wait(gone.signal))
  expect(news.waiting).toBe(100)
  gone.abort()
  await Promise.all([...all, news.wait(gone.signal)])
  expect(news.waiting).toBe(0)
})
