import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCertificate } from '../../ledger/index.ts'
import { missing } from '../config.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'
import { follow } from './looking.ts'
import { Stage } from './stage.ts'

/** What a page is given to become what a test waits for: verdicts come from real machines. */
const patience = { timeout: 15_000 }

describe.skipIf(missing('chromium', isThere))('what people take along of the wall', () => {
  let stage: Stage
  let browser: Browser

  beforeAll(async () => {
    stage = await Stage.open()
    browser = await openBrowser()
    const nodes = ['ada', 'emmy'].map((name) => stage.mesh.start(name))
    await Promise.all(nodes.map((node) => node.tells('opened')))
    await stage.mesh.ended(await stage.publishPi(8, 1000))
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  const visit = async (path = '', address = stage.http.address) => {
    return await Visitor.at(browser, `${address}/${path}`)
  }

  test('makes a certificate of what it has verified, which others believe', async () => {
    const said = await fetch(`${stage.http.address}/api/v1/wall`)
    const [first] = ((await said.json()) as { items: { id: string }[] }).items
    const owner = first?.id ?? ''
    await using visitor = await visit(`#/owners/${owner}`)
    const { page } = visitor
    await page
      .getByText(/entries verified/)
      .first()
      .waitFor(patience)
    await page.getByRole('button', { name: 'Make the certificate' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'The file that proves it' }).click(patience),
    ])
    const bytes = await readFile(await file.path())
    const governance = await stage.mesh.coordinator.view.governance()
    if (!governance.ok) throw new Error(governance.refusal.code)
    expect(openCertificate(governance.value, bytes)).toMatchObject({
      // What who is new has earned is a bond.
      value: { balance: { account: `bond/${owner}`, micro: expect.any(Number) } },
    })
    const [sheet] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'The sheet' }).click(),
    ])
    const svg = await readFile(await sheet.path(), 'utf8')
    expect(svg).toContain(owner)
    expect(svg).toContain(file.suggestedFilename())
    await follow(page, '#/ledger')
    await page.locator('input[type=file]').setInputFiles(await file.path())
    await page.getByText('The balance is in the state that was signed').waitFor(patience)
    expect(await page.locator('.steps .bad').count()).toBe(0)
    expect(visitor.complaints).toEqual([])
  })

  test('badges are pictures to a browser, and lists are XML to its parser', async () => {
    const said = await fetch(`${stage.http.address}/api/v1/wall`)
    const [first] = ((await said.json()) as { items: { id: string }[] }).items
    await using visitor = await visit(`#/owners/${first?.id}`)
    const { page } = visitor
    await page.getByText('Show it elsewhere').click(patience)
    const picture = page.getByAltText('What others see of this owner')
    for (const kind of ['credits', 'place', 'streak', 'jobs', 'signature']) {
      await page.getByLabel('Picture').selectOption(kind)
      const isDrawn = () => picture.evaluate((one) => (one as HTMLImageElement).naturalWidth > 80)
      await expect.poll(isDrawn, patience).toBe(true)
    }
    for (const [file, root] of [
      ['tables.xml', 'tables'],
      ['user.gz', 'users'],
      ['team.gz', 'teams'],
      ['host.gz', 'hosts'],
    ] as const) {
      const got = await fetch(`${stage.http.address}/stats/${file}`)
      const bytes = Buffer.from(await got.arrayBuffer())
      const xml = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
      const name = await page.evaluate((text) => {
        return new DOMParser().parseFromString(text, 'text/xml').documentElement.nodeName
      }, xml)
      expect(name).toBe(root)
    }
    expect(visitor.complaints).toEqual([])
  })
})
