import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCertificate } from '../../ledger/index.ts'
import { missing } from '../config.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'
import { Files } from './files.ts'
import { follow, seriousOf } from './looking.ts'
import { Stage } from './stage.ts'

/** What a page is given to become what a test waits for: verdicts come from real machines. */
const patience = { timeout: 30_000 }

describe.skipIf(missing('chromium', isThere))('what people take along of the wall', () => {
  let stage: Stage
  let browser: Browser

  beforeAll(async () => {
    stage = await Stage.open()
    browser = await openBrowser()
    const nodes = ['ada', 'emmy'].map((name) => stage.mesh.start(name))
    await Promise.all(nodes.map((node) => node.tells('opened')))
    await stage.mesh.ended(await stage.publishPi(8, 1000))
  })

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
    await page.setViewportSize({ width: 390, height: 844 })
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await expect.poll(wide, patience).toBeLessThanOrEqual(0)
    expect(visitor.complaints).toEqual([])
  })

  test('a screen on a wall goes round by itself, and is left with a key', async () => {
    const viewport = { width: 1920, height: 1080 }
    await using visitor = await Visitor.at(browser, `${stage.http.address}/#/kiosk?seconds=2`, {
      viewport,
    })
    const { page } = visitor
    const scenes = ['agreeing on results', 'Who gave most', 'everybody whose machine']
    for (const scene of [...scenes, scenes[0] ?? '']) await page.getByText(scene).waitFor(patience)
    const tall = await page.evaluate(() => document.documentElement.scrollHeight)
    expect(tall).toBeLessThanOrEqual(1080)
    expect(await seriousOf(page)).toEqual([])
    await page.keyboard.press('x')
    await page.getByRole('navigation').waitFor(patience)
    expect(visitor.complaints).toEqual([])
  })

  test('a snapshot is the wall below any folder of any server, and asks nobody', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-snapshot-'))
    const out = join(directory, 'site')
    const typed = ['wall', 'publish', out, '--http', stage.http.address, '--json']
    const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...typed])
    const told = JSON.parse(stdout) as { cid: string; size: number }
    expect(told.cid).toMatch(/^bafy/)
    const status = await fetch(`${stage.http.address}/api/v1/status`)
    expect(told.size).toBe(((await status.json()) as { checkpointed: number }).checkpointed)
    await using files = await Files.open(out, '/ipfs/some-cid/')
    await using visitor = await visit('', `${files.address}/ipfs/some-cid`)
    const { page } = visitor
    await page.getByText('A snapshot.').waitFor(patience)
    await page.getByText(`${told.size} entries verified`).first().waitFor(patience)
    const wall = await fetch(`${stage.http.address}/api/v1/wall`)
    const [first] = ((await wall.json()) as { items: { id: string }[] }).items
    const jobs = await fetch(`${stage.http.address}/api/v1/jobs`)
    const [job] = ((await jobs.json()) as { items: { id: string }[] }).items
    for (const [path, text] of [
      ['#/owners', /2 owners$/],
      [`#/owners/${first?.id}`, 'What of that is there'],
      ['#/jobs', 'Monte-Carlo pi'],
      [`#/jobs/${job?.id}`, 'Who agreed with whom'],
      ['#/projects/pi', 'earned by those who helped'],
      ['#/ledger', 'Your browser has checked all of it'],
      ['#/ledger/3', 'It is proven.'],
      ['#/mesh', 'all that are here'],
      ['#/status', 'Names'],
    ] as const) {
      await follow(page, path)
      await page.locator('main').getByText(text).first().waitFor(patience)
    }
    await follow(page, '#/owners')
    await page.getByRole('searchbox').fill(first?.id.slice(-8) ?? '')
    await page.getByText('1 found').waitFor(patience)
    expect(visitor.complaints).toEqual([])
    expect(files.missed).toEqual([])
    await rm(directory, { recursive: true })
  })
})
