import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { folder } from '../../examples/build.ts'
import { nameOf, seedIn } from '../../mesh/index.ts'
import { ed25519, toHex } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { Between } from './between.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'
import { reach, seriousOf } from './looking.ts'
import { Stage } from './stage.ts'

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

const owner = ed25519.signer(new Uint8Array(32).fill(7))
const digits = `${toHex(new Uint8Array(32).fill(7))}\n`

describe.skipIf(missing('chromium', isThere))('a visitor who holds a key', () => {
  let stage: Stage
  let browser: Browser
  let module: { name: string; mimeType: string; buffer: Buffer }

  beforeAll(async () => {
    stage = await Stage.open()
    browser = await openBrowser()
    await stage.mesh.claim('ada', owner)
    const nodes = ['ada', 'emmy', 'grace'].map((name) => stage.mesh.start(name))
    await Promise.all(nodes.map((node) => node.tells('opened')))
    const buffer = await readFile(join(folder, 'pi', 'pi.wasm'))
    module = { name: 'pi.wasm', mimeType: 'application/wasm', buffer }
  })

  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  const visit = (path: string) => Visitor.at(browser, `${stage.http.address}/${path}`)
  const text = (page: Page) => page.locator('textarea[aria-label="job.yaml"]')
  const drop = (page: Page) => page.locator('.drop input[type=file]')
  const make = async (page: Page) => {
    await page.getByRole('button', { name: 'Make one here' }).click()
    await page.getByText('in this browser since').waitFor()
  }

  test('publishes a job, follows it, and has its results, each checked', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await make(page)
    await text(page).fill(written)
    await page.getByText('pi.wasm is not here: drop it').first().waitFor()
    await drop(page).setInputFiles(module)
    await page.getByText('It makes 4 units.').waitFor()
    let loads = 0
    page.on('load', () => loads++)
    await page.getByRole('button', { name: 'Sign and publish' }).click()
    await page.waitForURL(/#\/jobs\/[0-9a-f]{64}$/)
    await page.getByText('final', { exact: true }).waitFor()
    expect(loads).toBe(0)
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the files' }).click()
    const saved = await readFile(await (await coming).path())
    await page.getByText('4 files, each of the bytes').waitFor()
    const entries = saved.toString('latin1').split('PK\x03\x04').slice(1)
    expect(entries.map((entry) => entry.slice(26, 38))).toEqual(
      [0, 1, 2, 3].map((unit) => `${unit}/out/pi.csv`),
    )
    expect(visitor.complaints).toEqual([])
  })

  test('publishes once, whatever becomes of the answer', async () => {
    await using between = await Between.open(stage.http.address)
    await using visitor = await Visitor.at(browser, `${between.address}/#/publish`)
    const { page } = visitor
    await make(page)
    const id = await page.locator('.who').first().getAttribute('title')
    await text(page).fill(written)
    await drop(page).setInputFiles(module)
    let lost = 0
    between.loses = (path, method) => path.endsWith('/jobs') && method === 'POST' && lost++ === 0
    await page.getByRole('button', { name: 'Sign and publish' }).click()
    await page.waitForURL(/#\/jobs\/[0-9a-f]{64}$/)
    expect(lost).toBe(2)
    const said = await fetch(`${stage.http.address}/api/v1/jobs?publisher=${id}`)
    expect(((await said.json()) as { items: object[] }).items).toHaveLength(1)
  })

  test('is shown that a coordinator took another file than the one that was sent', async () => {
    await using between = await Between.open(stage.http.address)
    between.change = (path, said) => {
      if (!path.endsWith('/data')) return said
      return said.replace(/("cid":".{20})(.)/, (_, before, letter) => {
        return before + (letter === 'a' ? 'b' : 'a')
      })
    }
    await using visitor = await Visitor.at(browser, `${between.address}/#/publish`)
    const { page } = visitor
    await make(page)
    await text(page).fill(written)
    await drop(page).setInputFiles(module)
    await page.getByRole('button', { name: 'Sign and publish' }).click()
    await page.getByRole('alert').getByText('it was taken as').waitFor()
    expect(await text(page).inputValue()).toBe(written)
  })

  test('brings a folder, of which each unit takes its own file', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await make(page)
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-folder-'))
    await mkdir(join(directory, 'starts'))
    for (const seed of [1, 2]) await writeFile(join(directory, 'starts', `${seed}.txt`), `${seed}`)
    const inputs = "inputs: [{ path: /in/start.txt, url: './starts/{{seed}}.txt' }]\nsweep"
    await text(page).fill(written.replace('sweep', inputs).replace('to: 4', 'to: 2'))
    await drop(page).setInputFiles(module)
    await page.getByText('starts is not here: choose its folder').first().waitFor()
    await page.locator('.folder input').setInputFiles(join(directory, 'starts'))
    await page.getByText('It makes 2 units.').waitFor()
    await page.getByRole('button', { name: 'Sign and publish' }).click()
    await page.waitForURL(/#\/jobs\/[0-9a-f]{64}$/)
    await page.getByText('final', { exact: true }).waitFor()
    const job = (await page.url()).slice(-64)
    const said = await fetch(`${stage.http.address}/api/v1/jobs/${job}/document`)
    const { body } = (await said.json()) as { body: { inputs: { from: { cid: string } }[] } }
    const named = await nameOf(join(directory, 'starts'), { bytesMax: 1000 })
    expect(body.inputs[0]?.from.cid).toBe(named.ok && named.value.cid)
    await rm(directory, { recursive: true })
    expect(visitor.complaints).toEqual([])
  })

  test('is given no file of which a byte is another than on the ledger', async () => {
    const job = await stage.publishPi(2, 1000)
    await stage.mesh.ended(job)
    await using between = await Between.open(stage.http.address)
    between.spoils = (path) => path.includes('/results/1/file')
    await using visitor = await Visitor.at(browser, `${between.address}/#/jobs/${job}`)
    const { page } = visitor
    const button = page.getByRole('button', { name: 'Download the files' })
    await button.click()
    await page.getByText('bytes that are not those of the CID').waitFor()
    between.breaks = between.spoils
    between.spoils = () => false
    await button.click()
    await page.getByText('wire.cut').waitFor()
    between.loses = (path) => path.includes('/results?')
    await button.click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await expect.poll(() => button.isEnabled()).toBe(true)
  })

  test('fills in the form, whose changes leave the rest of the text as it is', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await text(page).fill(written)
    const form = page.locator('.form')
    await form.getByLabel('name', { exact: true }).fill('Another: name')
    await form.getByRole('button', { name: 'Remove replicas' }).click()
    await form.getByLabel('What else the job may have').selectOption('description')
    await form.getByRole('button', { name: 'Add to the job' }).click()
    await form.getByLabel('description', { exact: true }).fill('Pi, by chance.')
    await expect.poll(() => text(page).inputValue()).toContain('description: Pi, by')
    const now = await text(page).inputValue()
    expect(now).toContain('# what a scientist writes')
    expect(now).toContain('module: ./pi.wasm # dropped below')
    expect(now).toContain('name: "Another: name"')
    expect(now).not.toContain('replicas')
    expect(visitor.complaints).toEqual([])
  })

  test('is shown what is wrong at its place, and what may stand there', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await text(page).fill(written.replace('stdout:', 'stdou:'))
    const fault = page.locator('li', { hasText: 'executors[0].stdou' })
    await fault.getByText('did you mean stdout?').waitFor()
    expect(await page.locator('.gutter .wrong').textContent()).toBe('8')
    await fault.getByRole('button', { name: /Show it/ }).click()
    const selected = () =>
      text(page).evaluate((area: HTMLTextAreaElement) => {
        return area.value.slice(area.selectionStart, area.selectionEnd)
      })
    await expect.poll(selected).toBe('stdou')
    await page.keyboard.type('st')
    await expect.poll(() => page.locator('.offer button').count()).toBe(3)
    // No key is let go of after this letter: what is offered was offered for fewer.
    await page.keyboard.insertText('d')
    await page.keyboard.press('Control+Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => text(page).inputValue()).toContain('\n    stdout: /out/pi.csv')
    await text(page).fill(written.replace('outputs: [', 'outputs: ['.repeat(2)))
    await page.locator('.gutter .wrong').first().waitFor()
    await text(page).fill(written)
    await drop(page).setInputFiles({ ...module, buffer: module.buffer.subarray(0, 5000) })
    await page.locator('li code', { hasText: 'executors[0].module' }).waitFor()
    expect(visitor.complaints).toEqual([])
  })

  test('loses nothing that was typed or dropped, nor what a dropped file replaced', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await make(page)
    await text(page).fill(written)
    await drop(page).setInputFiles(module)
    await page.getByText('It makes 4 units.').waitFor()
    await page.reload()
    await page.getByText('It makes 4 units.').waitFor()
    expect(await text(page).inputValue()).toBe(written)
    const buffer = Buffer.from(written.replace('to: 4', 'to: 9'))
    await drop(page).setInputFiles({ name: 'job.yaml', mimeType: 'text/yaml', buffer })
    await page.getByText('It makes 9 units.').waitFor()
    await page.getByRole('button', { name: 'Back to the text before' }).click()
    await page.getByText('It makes 4 units.').waitFor()
    expect(visitor.complaints).toEqual([])
  })

  test('takes a key out as a file of the command line, deletes it, and brings it in', async () => {
    await using visitor = await visit('#/mine')
    const { page } = visitor
    await make(page)
    const id = await page.locator('.key code').textContent()
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save a copy' }).click()
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-key-'))
    const path = join(directory, 'key')
    await (await coming).saveAs(path)
    await chmod(path, 0o600)
    const seed = await seedIn(path)
    expect(seed.ok && ed25519.signer(seed.value).id).toBe(id)
    await page.getByText('Delete it from this browser').click()
    await page.getByLabel('I have a copy, or need none').check()
    await page.getByRole('button', { name: 'Delete the key' }).click()
    const file = page.locator('input[type=file]')
    await writeFile(join(directory, 'other'), 'no key at all\n')
    await file.setInputFiles(join(directory, 'other'))
    await page.getByText('The file holds no key').waitFor()
    await file.setInputFiles(path)
    await expect.poll(() => page.locator('.key code').textContent()).toBe(id)
    await rm(directory, { recursive: true })
    expect(visitor.complaints).toEqual([])
  })

  test('sees what its nodes do and did, and lets one go', async () => {
    await stage.mesh.ended(await stage.publishPi(8, 1000))
    await using visitor = await visit('#/mine')
    const { page } = visitor
    const buffer = Buffer.from(digits)
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'key', mimeType: 'text/plain', buffer })
    await page.getByText('Your nodes: 1').waitFor()
    await page
      .getByText(/Results decided in [12] of the last 48 hours/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Handed to it: pause.').waitFor()
    await page.getByText('As a table').click()
    expect(await page.locator('article tbody tr').count()).toBeGreaterThan(0)
    await page.getByLabel('Name', { exact: true }).fill('Emmy <b>Noether</b>')
    await page.getByLabel('Country, two letters').fill('de')
    await page.getByRole('button', { name: 'Sign and say so' }).click()
    await page.getByText('It is said.').waitFor()
    const shown = await fetch(`${stage.http.address}/api/v1/owners/${owner.id}`)
    expect(await shown.json()).toMatchObject({ name: 'Emmy <b>Noether</b>', country: 'DE' })
    await page.getByText('Let it go').click()
    await page.getByRole('button', { name: 'Sign its release' }).click()
    await page.getByText('Your nodes: 0').waitFor()
    expect(await stage.mesh.factsOf('revocation')).toHaveLength(1)
    expect(visitor.complaints).toEqual([])
  })

  test('needs no mouse, on a page that says nothing wrong to a screen reader', async () => {
    await using visitor = await visit('#/publish')
    const { page } = visitor
    await make(page)
    await text(page).fill(written.replace('stdout:', 'stdou:'))
    await page.getByText('did you mean stdout?').first().waitFor()
    for (const path of ['#/publish', '#/mine']) {
      if (path === '#/mine') await page.getByRole('link', { name: 'Mine', exact: true }).click()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await seriousOf(page), `${path}, ${colorScheme}`).toEqual([])
      }
      await page.setViewportSize({ width: 390, height: 800 })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, path).toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 1280, height: 800 })
    }
    await page.getByRole('link', { name: 'Publish', exact: true }).press('Enter')
    await text(page).fill(written.replace('to: 4', 'to: 4000'))
    await drop(page).setInputFiles(module)
    await page.getByText('It makes 4,000 units.').waitFor()
    await reach(page, 'Sign and publish')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/jobs\/[0-9a-f]{64}$/)
    await page.getByText('Cancel it').press('Enter')
    await page.getByRole('button', { name: 'Sign its end' }).press('Enter')
    await page.getByText('cancelled', { exact: true }).first().waitFor()
    expect(visitor.complaints).toEqual([])
  })
})
