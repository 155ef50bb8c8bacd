import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folder } from '../../examples/build.ts'
import { missing } from '../config.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'
import { Stage } from './stage.ts'

const patience = { timeout: 30_000 }

const written = `# what a scientist writes
nexapod: v1
name: Pi from a browser
project: pi
executors:
  - module: ./pi.wasm # dropped below
    command: [--seed, "{{seed}}", --points, "1000"]
    stdout: /out/pi.csv
outputs: [{ path: /out/pi.csv }]
replicas: { quorum: 2, max: 6 }
sweep: { seed: { from: 1, to: 4 } }
`

describe.skipIf(missing('chromium', isThere))('a visitor who holds a key', () => {
  let stage: Stage
  let browser: Browser
  let module: { name: string; mimeType: string; buffer: Buffer }

  beforeAll(async () => {
    stage = await Stage.open()
    browser = await openBrowser()
    const nodes = ['ada', 'emmy', 'grace'].map((name) => stage.mesh.start(name))
    await Promise.all(nodes.map((node) => node.tells('opened')))
    const buffer = await readFile(join(folder, 'pi', 'pi.wasm'))
    module = { name: 'pi.wasm', mimeType: 'application/wasm', buffer }
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  const visit = (path: string) => Visitor.at(browser, `${stage.http.address}/${path}`)
  const text = (page: Page) => page.getByLabel('job.yaml', { exact: true }).last()
  const drop = (page: Page) => page.locator('.drop input[type=file]')

  test('publishes a job, follows it, and has its results, each checked', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await page.getByRole('button', { name: 'Make one here' }).click()
    await page.getByText('in this browser since').waitFor(patience)
    await text(page).fill(written)
    await page.getByText('pi.wasm is not here: drop it').first().waitFor(patience)
    await drop(page).setInputFiles(module)
    await page.getByText('It makes 4 units.').waitFor(patience)
    await page.getByRole('button', { name: 'Sign and publish' }).click()
    await page.waitForURL(/#\/jobs\/[0-9a-f]{64}$/, patience)
    await page.getByText('final', { exact: true }).waitFor(patience)
    await page.getByText('entries verified').first().waitFor(patience)
    const coming = page.waitForEvent('download', patience)
    await page.getByRole('button', { name: 'Download the files' }).click()
    const saved = await (await coming).path()
    await page.getByText('4 files, each of the bytes').waitFor(patience)
    const archive = (await readFile(saved)).toString('latin1')
    for (const unit of [0, 1, 2, 3]) expect(archive).toContain(`${unit}/out/pi.csv`)
    expect(visitor.complaints).toEqual([])
  })
})
