import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { chromium, flags } from './tab.ts'

/** A tab that does what a test tells it, as a person at it would. */
export interface Driven extends AsyncDisposable {
  /** Goes to an address, and waits until it is loaded. */
  go(address: string): Promise<void>
  /** What an expression comes to in the page; a promise is awaited. */
  value(expression: string): Promise<unknown>
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>
  /** A picture of the whole page, as PNG. */
  picture(scheme: 'light' | 'dark'): Promise<Buffer>
}

interface Reply {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** Begins a browser, and speaks its debugging protocol over two pipes: no port is opened. */
export async function openDriven(): Promise<Driven> {
  const home = await mkdtemp(join(tmpdir(), 'nexapod-driven-'))
  const own = ['--remote-debugging-pipe', `--user-data-dir=${home}`, 'about:blank']
  const browser = spawn(chromium, [...flags, ...own], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(browser, 'exit')
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  readReplies(browser.stdio[4] as Readable, ({ id, result, error }) => {
    const wait = waiting.get(id ?? -1)
    if (error === undefined) wait?.resolve(result ?? {})
    else wait?.reject(new Error(error.message))
  })
  void ended.then(() => {
    for (const wait of waiting.values()) wait.reject(new Error('the browser ended'))
  })
  let count = 0
  let sessionId: unknown
  const send = async (method: string, params: object = {}) => {
    const id = ++count
    const wait = Promise.withResolvers<Record<string, unknown>>()
    waiting.set(id, wait)
    const pipe = browser.stdio[3] as Writable
    pipe.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`)
    return await wait.promise
  }
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  sessionId = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId
  const value = async (expression: string) => {
    const asked = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await send('Runtime.evaluate', asked)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { readonly value?: unknown }).value
  }
  const until = async (expression: string) => {
    while ((await value(expression)) !== true) {
      await value('new Promise((done) => setTimeout(done, 20))')
    }
  }
  return {
    async go(address) {
      await send('Page.navigate', { url: address })
      await until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
    },
    value,
    until,
    async picture(scheme) {
      const features = [{ name: 'prefers-color-scheme', value: scheme }]
      await send('Emulation.setEmulatedMedia', { features })
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true })
      return Buffer.from(String(data), 'base64')
    },
    async [Symbol.asyncDispose]() {
      if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL')
      await ended
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Each ends with a zero byte. */
function readReplies(from: Readable, hear: (reply: Reply) => void): void {
  let rest = ''
  from.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) hear(JSON.parse(part))
  })
}
