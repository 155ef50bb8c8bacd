import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { chromium as executablePath } from '../browser/tab.ts'

/** Whether there is a browser to look with. */
export const isThere = existsSync(executablePath)

/** Starts it, without anything that it would say to its makers. */
export async function openBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  return await chromium.launch({ executablePath, headless: true, args: [...args, ...quiet] })
}

/** What a page is given to become what is waited for: verdicts come from real machines. */
const patienceMs = 120_000

/** A visitor: a browser that has never been here, and what its pages complained about. */
export class Visitor implements AsyncDisposable {
  readonly page: Page
  /** What the console said of errors, what was thrown, and whom else a page asked. */
  readonly complaints: string[] = []
  readonly #context: BrowserContext

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
  }

  static async at(
    browser: Browser,
    address: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    const visitor = new Visitor(context, page)
    const { complaints } = visitor
    page.on('console', (said) => {
      if (said.type() === 'error' || said.type() === 'warning') complaints.push(said.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    context.on('request', (request) => {
      const url = new URL(request.url())
      const isLocal = url.protocol === 'blob:' || url.protocol === 'data:'
      if (!isLocal && url.origin !== new URL(address).origin) complaints.push(`asks ${url}`)
    })
    await page.goto(address)
    return visitor
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
  }
}
