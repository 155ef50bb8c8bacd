import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'

/** The bytes of script that a page has loaded so far, compressed. */
export async function scriptBytes(page: Page): Promise<number> {
  const urls = await page.evaluate(() => {
    return performance.getEntriesByType('resource').map(({ name }) => name)
  })
  let bytes = 0
  for (const url of new Set(urls.filter((one) => one.endsWith('.js')))) {
    bytes += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length
  }
  return bytes
}
