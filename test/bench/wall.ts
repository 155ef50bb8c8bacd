import type { Browser } from 'playwright-core'
import { builtWall } from '../../dashboard/index.ts'
import { workedChain } from '../../ledger/test/worked.ts'
import { openBrowser, Visitor } from '../wall/browser.ts'
import { scriptBytes } from '../wall/loaded.ts'
import { Served } from '../wall/served.ts'
import type { Figure } from './harness.ts'
import { ownerFigures } from './wall-owners.ts'

/** How often each is done; the median is told. */
const rounds = 3

/** Units of a job that make ten thousand entries: receipts, verdicts and what they earned. */
const units = 2500
const owners = 100_000

/** How fast a browser that has never been here verifies a chain, and shows a long list. */
export async function figures(): Promise<readonly Figure[]> {
  await using served = await Served.open(await builtWall())
  const chain = workedChain(units)
  served.serve(chain)
  served.owners = owners
  const browser = await openBrowser()
  const verifying: number[] = []
  const listing: number[] = []
  for (let round = 0; round < rounds; round++) {
    verifying.push(await took(browser, `${served.address}#/ledger`, 'checked all of it'))
    listing.push(await took(browser, `${served.address}#/owners`, 'Owner 12'))
  }
  await tellScript(browser, served.address)
  await browser.close()
  const entries = chain.entries.length
  const verified = median(verifying)
  return [
    figure(`verify ${entries} entries, page included`, verified),
    figure('verify an entry', verified / entries),
    figure(`the first of ${owners} owners`, median(listing)),
    ...(await ownerFigures()),
  ]
}

/** Says how much script is loaded first, and with the page that needs the most. */
async function tellScript(browser: Browser, address: string): Promise<void> {
  for (const [path, text] of [
    ['#/', 'entries verified'],
    ['#/publish', 'Make one here'],
  ] as const) {
    await using visitor = await Visitor.at(browser, `${address}${path}`)
    await visitor.page.getByText(text).first().waitFor({ timeout: 60_000 })
    const bytes = await scriptBytes(visitor.page)
    process.stdout.write(`script loaded at ${path}: ${bytes} bytes compressed\n`)
  }
}

/** Microseconds from the address to what is to be seen. */
async function took(browser: Browser, address: string, text: string): Promise<number> {
  const began = performance.now()
  await using visitor = await Visitor.at(browser, address)
  await visitor.page.getByText(text).first().waitFor({ timeout: 60_000 })
  return (performance.now() - began) * 1000
}

function figure(name: string, us: number): Figure {
  return { name, us, perSecond: Number((1e6 / us).toPrecision(3)) }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
