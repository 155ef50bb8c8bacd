import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Goes to a page by a link, as people do: an address that is typed loads everything anew. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    const link = document.createElement('a')
    link.href = to
    document.body.append(link)
    link.click()
    link.remove()
  }, path)
  await page.waitForURL((url) => url.hash === path)
}

/** Goes on by the keyboard until something is reached. */
export async function reach(page: Page, label: string): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab')
    const here = await page.evaluate(() => document.activeElement?.textContent?.trim())
    if (here === label) return
  }
  throw new Error(`the keyboard never reaches ${label}`)
}

interface Finding {
  readonly id: string
  readonly impact?: string | null
  readonly nodes: readonly { readonly html: string }[]
}

/** What axe finds that is serious. */
export async function seriousOf(page: Page): Promise<string[]> {
  // Past the policy of the page, as an extension of the browser would.
  await page.evaluate(axe.source)
  const findings = await page.evaluate(async () => {
    const inPage = window as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await inPage.axe.run()).violations
  })
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
