import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateSchema, encode, fromJson, type JobId } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { Between } from './between.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'
import { scriptBytes } from './loaded.ts'
import { follow, reach, seriousOf } from './looking.ts'
import { ownersOf } from './owners.ts'
import { Stage } from './stage.ts'

/** What a page is given to become what a test waits for: verdicts come from real machines. */
const patience = { timeout: 30_000 }

describe.skipIf(missing('chromium', isThere))('the wall, with a mesh at work behind it', () => {
  let stage: Stage
  let browser: Browser
  let job: JobId

  beforeAll(async () => {
    stage = await Stage.open()
    browser = await openBrowser()
    const nodes = ['ada', 'emmy', 'grace'].map((name) => stage.mesh.start(name))
    await Promise.all(nodes.map((node) => node.tells('opened')))
    job = await stage.publishPi(8, 1000)
    await stage.mesh.ended(job)
  })

  afterAll(async () => {
    await browser?.close()
    await stage?.[Symbol.asyncDispose]()
  })

  const visit = async (path = '', address = stage.http.address) => {
    return await Visitor.at(browser, `${address}/${path}`)
  }

  test('shows what is decided as it is decided, and holds it back while it is paused', async () => {
    await using visitor = await visit()
    const { page } = visitor
    await page.getByText('Pause', { exact: true }).waitFor(patience)
    const next = await stage.publishPi(4, 1000)
    await page
      .locator('ol', { hasText: next.slice(-8) })
      .first()
      .waitFor(patience)
    await page.getByText(`…${next.slice(-8)} has ended: final`).waitFor(patience)
    await page.getByRole('button', { name: 'Pause' }).click()
    const last = await stage.publishPi(4, 1000)
    await stage.mesh.ended(last)
    await page.getByRole('button', { name: /Go on \([1-9]/ }).waitFor(patience)
    expect(await page.getByText(last.slice(-8)).count()).toBe(0)
    await page.getByRole('button', { name: /Go on/ }).click()
    await page.getByText(last.slice(-8)).first().waitFor(patience)
    expect(visitor.complaints).toEqual([])
  })

  test('goes on behind the last entry that it saw when its line was cut', async () => {
    await using between = await Between.open(stage.http.address)
    await using visitor = await visit('', between.address)
    const { page } = visitor
    const first = await stage.publishPi(2, 1000)
    await page.getByText(`…${first.slice(-8)} has ended: final`).waitFor(patience)
    between.cut()
    const next = await stage.publishPi(2, 1000)
    await page.getByText(`…${next.slice(-8)} has ended: final`).waitFor(patience)
    const streams = between.asked.filter(({ path }) => path.includes('/stream'))
    expect(streams.at(-1)?.last).toMatch(/^\d+$/)
  })

  test('verifies the whole chain, and goes on from there at the next visit', async () => {
    await using visitor = await visit('#/ledger')
    const { page } = visitor
    await page.getByText('Your browser has checked all of it').waitFor(patience)
    const { size } = await stage.mesh.status()
    const figure = page
      .locator('div', { hasText: /^Entries verified/ })
      .locator('.value')
      .first()
    await expect.poll(() => figure.textContent(), patience).toBe(String(size))
    await page.reload()
    await page.getByText('were verified at an earlier visit').waitFor(patience)
    await page.getByText('Your browser has checked all of it').waitFor(patience)
    expect(visitor.complaints).toEqual([])
  })

  test('proves a verdict by its path to the checkpoint', async () => {
    const { size } = await stage.mesh.status()
    await using visitor = await visit(`#/ledger/${size - 2}`)
    const { page } = visitor
    await page.getByText('All of that was computed on this machine.').waitFor(patience)
    expect(await page.getByText('The entry is in the tree that was signed').count()).toBe(1)
    expect(await page.locator('.steps .bad').count()).toBe(0)
  })

  test('checks a certificate that is given to it, and finds one that was changed', async () => {
    const got = async (path: string) => {
      return (await (await fetch(`${stage.http.address}/api/v1/ledger/${path}`)).json()) as object
    }
    const proves = { type: 'entry', ...(await got('entries/4/proof')) }
    const { size: _, ...entry } = proves as { size?: number }
    const made = fromJson(certificateSchema, { v: 1, ...(await got('checkpoint')), proves: entry })
    if (!made.ok) throw new Error(made.refusal.code)
    const buffer = Buffer.from(encode(certificateSchema, made.value))
    await using visitor = await visit('#/ledger')
    const { page } = visitor
    await page.getByText('Your browser has checked all of it').waitFor(patience)
    const chosen = page.locator('input[type=file]')
    const file = { name: 'mine.cbor', mimeType: 'application/cbor' }
    await chosen.setInputFiles({ ...file, buffer })
    await page.getByText('The entry is in the chain that was signed').waitFor(patience)
    expect(await page.locator('.steps .bad').count()).toBe(0)
    const changed = Buffer.from(buffer)
    changed[buffer.length - 40] = (changed[buffer.length - 40] as number) ^ 1
    await chosen.setInputFiles({ ...file, buffer: changed })
    await page.locator('.steps .bad').waitFor(patience)
  })

  /** The pages, and what stands on each once it has its answers. */
  const pages = [
    ['#/', 'Monte-Carlo pi'],
    ['#/owners', /\d owners?$/],
    ['#/owners/WHO', 'What of that is there'],
    ['#/jobs', 'Monte-Carlo pi'],
    ['#/jobs/JOB', 'Who agreed with whom'],
    ['#/projects', 'Units agreed on'],
    ['#/projects/pi', 'earned by those who helped'],
    ['#/ledger', 'Your browser has checked all of it'],
    ['#/ledger/3', 'It is proven.'],
    ['#/mesh', 'all that are here'],
    ['#/join', 'The invitation'],
    ['#/status', 'Names'],
  ] as const

  /** The address of a page, with a job and an owner that there are. */
  const placeOf = async (path: string) => {
    const said = await fetch(`${stage.http.address}/api/v1/wall`)
    const [owner] = ((await said.json()) as { items: { id: string }[] }).items
    return path.replace('JOB', job).replace('WHO', owner?.id ?? '')
  }

  const lies: [string, RegExp, (text: string) => string][] = [
    ['a byte of an entry', /entries\?/, (text) => text.replace(/("bytes":")(.{40})./g, '$1$2~')],
    ['a byte within an entry', /entries\?/, (text) => text.replace(/("bytes":".{80})(.)/g, turn)],
    ['a cut in the chain', /entries\?/, (text) => withoutSecond(text)],
    ['a signature', /checkpoint/, (text) => text.replace(/("signatures":\[".{20})(.)/, turn)],
    ['the root', /checkpoint/, (text) => text.replace(/("root":".{20})(.)/, turn)],
  ]
  test.each(lies)('turns every page to an alarm where %s is changed', async (_, where, lie) => {
    await using between = await Between.open(stage.http.address)
    between.change = (path, text) => (where.test(path) ? lie(text) : text)
    await using visitor = await visit('', between.address)
    const { page } = visitor
    const alarm = page.getByRole('alert').getByText('Your browser has found this by itself')
    await alarm.waitFor(patience)
    for (const name of ['Owners', 'Jobs', 'Ledger', 'Mesh', 'Join', 'Status', 'Now']) {
      await page.getByRole('link', { name, exact: true }).first().click()
      await page.waitForURL(name === 'Now' ? /#\/$/ : new RegExp(`#/${name.toLowerCase()}$`))
      expect(await alarm.isVisible(), name).toBe(true)
    }
    expect(await page.getByText('the ledger is broken').count()).toBe(1)
  })

  test('an alarm comes also where entries are lost that were verified', async () => {
    await using between = await Between.open(stage.http.address)
    await using visitor = await visit('#/ledger', between.address)
    const { page } = visitor
    await page.getByText('Your browser has checked all of it').waitFor(patience)
    between.change = (path, text) => {
      return /ledger$/.test(path) ? text.replace(/"size":\d+/, '"size":2') : text
    }
    await stage.publishPi(1, 1000)
    await page.getByText('Entries that were there are missing.').waitFor(patience)
  })

  test('no page says anything wrong to a screen reader, in light or dark', async () => {
    await using visitor = await visit()
    const { page } = visitor
    await page.getByText('entries verified').first().waitFor(patience)
    for (const [path, text] of pages) {
      await follow(page, await placeOf(path))
      await page.locator('main').getByText(text).first().waitFor(patience)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await seriousOf(page), `${path}, ${colorScheme}`).toEqual([])
      }
    }
    expect(visitor.complaints).toEqual([])
  })

  test('can be used with the keyboard alone', async () => {
    await using visitor = await visit()
    const { page } = visitor
    await page.getByRole('button', { name: 'Pause' }).waitFor(patience)
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('To the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN')
    await reach(page, 'As a table')
    await page.keyboard.press('Enter')
    expect(await page.getByText('Seconds ago').isVisible()).toBe(true)
    await reach(page, 'Pause')
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: /Go on/ }).waitFor(patience)
  })

  test.each(['light', 'dark'])(
    'looks %s for who wants that, at the next visit too',
    async (wanted) => {
      await using visitor = await visit()
      const { page } = visitor
      await page.getByLabel('Looks').selectOption(wanted)
      await page.reload()
      const scheme = () =>
        page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
      await expect.poll(scheme, patience).toBe(wanted)
    },
  )

  const hostile = [
    '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>',
    '\u202egnihton si siht\u2066\u0000\u200b',
    'W'.repeat(10_000),
    'a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308'.repeat(1000),
    '{{7*7}}<%= 7*7 %>',
  ]
  test.each(['#/', '#/jobs', '#/owners'])(
    '%s shows hostile names and takes no harm',
    async (path) => {
      await using between = await Between.open(stage.http.address)
      let named = 0
      between.change = (at, text) => {
        if (!/v1\/(jobs|wall)/.test(at)) return text
        const said = JSON.parse(text)
        for (const item of said.items ?? []) item.name = hostile[named++ % hostile.length]
        return JSON.stringify(said)
      }
      const viewport = { width: 390, height: 800 }
      await using visitor = await Visitor.at(browser, `${between.address}/${path}`, { viewport })
      const { page } = visitor
      await page.getByText('entries verified').first().waitFor(patience)
      await expect.poll(() => named, patience).toBeGreaterThan(2)
      await page.getByText('{{7*7}}').or(page.getByText('<img')).first().waitFor(patience)
      expect(await page.title()).not.toContain('owned')
      expect(await page.locator('main img').count()).toBe(0)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide).toBeLessThanOrEqual(0)
      expect(visitor.complaints).toEqual([])
    },
  )

  test('no page is wider than a small phone', async () => {
    const said = await fetch(`${stage.http.address}/api/v1/jobs?limit=1`)
    const [job] = ((await said.json()) as { items: { id: string }[] }).items
    const viewport = { width: 320, height: 640 }
    await using visitor = await Visitor.at(browser, `${stage.http.address}/#/`, { viewport })
    const { page } = visitor
    const names = ['owners', 'jobs', 'projects', 'ledger', 'mesh', 'join', 'status', 'publish']
    for (const path of [...names, 'mine', 'ledger/3', 'kiosk', `jobs/${job?.id}`]) {
      await follow(page, `#/${path}`)
      await page.locator('h1').first().waitFor(patience)
      if (path.startsWith('jobs/')) await page.getByText('Who agreed').waitFor(patience)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, path).toBeLessThanOrEqual(0)
    }
  })

  test('scrolls and searches long lists of owners, with no more rows than are seen', async () => {
    await using between = await Between.open(stage.http.address)
    between.change = (path, text) => (path.includes('/wall') ? ownersOf(path, 5000) : text)
    await using visitor = await visit('#/owners', between.address)
    const { page } = visitor
    const rows = page.locator('tbody tr:not(.gap)')
    await page.getByText('5,000 owners').waitFor(patience)
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    await page.getByText('Owner 5000').waitFor(patience)
    expect(await rows.count()).toBeLessThan(60)
    await page.getByRole('searchbox').fill('Owner 4321')
    await page.getByText('1 found').waitFor(patience)
    expect(await rows.count()).toBe(1)
    await page.getByRole('searchbox').press('Enter')
    await page.waitForURL(/#\/owners\/12D3KooW/)
  })

  test('loads less than 200 kB of script, compressed, and no stranger’s', async () => {
    await using visitor = await visit()
    const { page } = visitor
    await page.getByText('entries verified').first().waitFor(patience)
    const bytes = await scriptBytes(page)
    process.stdout.write(`script on first load: ${bytes} bytes compressed\n`)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(200_000)
  })
})

/** Another letter in the place of one. */
function turn(_: string, before: string, letter: string): string {
  return before + (letter === 'A' ? 'B' : 'A')
}

function withoutSecond(text: string): string {
  const page = JSON.parse(text)
  page.items.splice(1, 1)
  return JSON.stringify(page)
}
