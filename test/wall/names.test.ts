import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pictureOf } from '../../coordinator/shell/http/picture.ts'
import { sheetOf } from '../../dashboard/src/sheet.ts'
import { missing } from '../config.ts'
import { isThere, openBrowser } from './browser.ts'

describe.skipIf(missing('chromium', isThere))('a name in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(() => browser?.close())

  const id = `12D3KooW${'x'.repeat(44)}`
  const hash = 'a'.repeat(64)
  const made: Parameters<typeof sheetOf>[0] = {
    ok: true,
    ...{ bytes: new Uint8Array(), owner: id, micro: 5e6, size: 3, isBond: false },
    ...{ chain: hash, time: 0, coordinator: id, root: hash, mesh: hash, checkpoint: hash },
    ...{ signers: 1, members: 1 },
  }
  const owner = {
    ...{ id, micro: 5e6, recentMicro: 1, places: { all: 1 }, owners: 1, jobs: 1 },
    streak: { now: 1, longest: 1 },
  } as never as Parameters<typeof pictureOf>[1]

  test('stays in its place on a certificate and in a signature, however long', async () => {
    const page = await browser.newPage()
    const names = ['Ada', 'W'.repeat(60), '漢'.repeat(60)]
    for (const name of [...names, 'Forschungszentrum für Klima und Ozeanographie']) {
      const widest = async (svg: string) => {
        await page.setContent(svg)
        return await page.evaluate(() => {
          const boxes = [...document.querySelectorAll('text')].map((one) => one.getBBox())
          return { left: boxes[0]?.x, right: Math.max(...boxes.map(({ x, width }) => x + width)) }
        })
      }
      const sheet = await widest(sheetOf(made, name, 'nexapod.cbor'))
      expect(sheet.right, name).toBeLessThan(194)
      const signature = pictureOf('signature', { ...owner, name }, [1, 2, 3])
      expect((await widest(signature)).right, name).toBeLessThan(460)
      const [first = ''] = /<text.*?<\/text>/s.exec(signature) ?? []
      expect(
        (await widest(`<svg xmlns="http://www.w3.org/2000/svg">${first}</svg>`)).right,
        name,
      ).toBeLessThan(344)
    }
    await page.close()
  })
})
