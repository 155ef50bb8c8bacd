import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Http, openHttp } from '../../coordinator/shell/index.ts'
import { builtWall } from '../../dashboard/index.ts'
import { missing } from '../config.ts'
import { ThreeHere } from '../whole/three-here.ts'
import { isThere, openBrowser, Visitor } from './browser.ts'

describe.skipIf(missing('chromium', isThere))('the ledger of a coordinator that follows', () => {
  let browser: Browser
  let three: ThreeHere
  let http: Http
  beforeAll(async () => {
    const wall = await builtWall()
    browser = await openBrowser()
    three = await ThreeHere.open()
    const [seat] = three.seats
    if (seat?.coordinator === undefined) throw new Error('nobody coordinates')
    const quiet = () => {}
    http = await openHttp(seat.coordinator, {
      ...{ directory: join(seat.directory, 'http'), host: '127.0.0.1', port: 0, origins: [], wall },
      log: { info: quiet, warn: quiet, error: quiet },
    })
  })
  afterAll(async () => {
    await browser?.close()
    await http?.[Symbol.asyncDispose]()
    await three?.[Symbol.asyncDispose]()
  })

  test('offers every chain, verifies which is chosen, and links lead to theirs', async () => {
    await using visitor = await Visitor.at(browser, `${http.address}/#/ledger`)
    const { page, complaints } = visitor
    const [own, other] = three.coordinators.map(({ chain }) => `${chain}`)
    if (own === undefined || other === undefined) throw new Error('three coordinate')
    const choice = page.getByLabel('Chain')
    const verified = page.locator('#check.good')
    await verified.waitFor()
    expect(await choice.inputValue()).toBe(own)
    while ((await choice.locator('option').count()) < 3) await page.waitForTimeout(100)
    const loaded = page.waitForEvent('load')
    await choice.selectOption(other)
    await loaded
    await verified.waitFor()
    await page.getByText('What was checked, in full').click()
    await page.getByText(other).first().waitFor()
    expect(new URL(page.url()).hash).toBe(`#/ledger?chain=${other}`)
    // What stands in the address is the same entry, wherever it is opened.
    await page.locator('a.mono').first().click()
    await page.getByText('It is proven.').waitFor()
    expect(new URL(page.url()).hash).toMatch(new RegExp(`^#/ledger/\\d+\\?chain=${other}$`))
    await page.reload()
    await page.getByText('It is proven.').waitFor()
    await page.locator('p').getByRole('link', { name: 'Ledger' }).click()
    await choice.waitFor()
    expect(await choice.inputValue()).toBe(other)
    // An entry of the own one: the page is loaded anew, and proves it there.
    const again = page.waitForEvent('load')
    await page.evaluate((hash) => {
      location.hash = hash
    }, `#/ledger/0?chain=${own}`)
    await again
    await page.getByText('It is proven.').waitFor()
    await page.locator('p').getByRole('link', { name: 'Ledger' }).click()
    await choice.waitFor()
    expect(await choice.inputValue()).toBe(own)
    expect(complaints).toEqual([])
  })
})
