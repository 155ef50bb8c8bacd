import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBrowser, Visitor } from './browser.ts'
import { Stage } from './stage.ts'

const [directory = 'results/wall'] = process.argv.slice(2)

const sizes = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
}

// A mesh of four, one of which changes what it computed, and something to look at.
await using stage = await Stage.open()
const { mesh } = stage
const nodes = ['ada', 'emmy', 'grace'].map((name) => mesh.start(name))
mesh.startStrange('mallory')
await Promise.all(nodes.map((node) => node.tells('opened')))
const first = await stage.publishPi(60, 100_000)
await mesh.ended(first)
const job = await stage.publishPi(240, 4_000_000)
const said = await fetch(`${stage.http.address}/api/v1/wall`)
const [owner] = ((await said.json()) as { items: { id: string }[] }).items
const pages = {
  now: '#/',
  owners: '#/owners',
  owner: `#/owners/${owner?.id ?? ''}`,
  jobs: '#/jobs',
  job: `#/jobs/${job}`,
  project: '#/projects/pi',
  ledger: '#/ledger',
  kiosk: '#/kiosk',
  mesh: '#/mesh',
  join: '#/join',
  status: '#/status',
  publish: '#/publish',
  mine: '#/mine',
  proof: `#/ledger/${(await mesh.status()).size - 3}`,
}

await mkdir(directory, { recursive: true })
const browser = await openBrowser()
for (const [name, path] of Object.entries(pages)) {
  for (const [device, viewport] of Object.entries(sizes)) {
    await using visitor = await Visitor.at(browser, `${stage.http.address}/${path}`, { viewport })
    const { page } = visitor
    await page.getByText('entries verified').first().waitFor()
    // Until the questions of the page are answered, and some verdicts have come.
    await page.waitForTimeout(1000)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const file = join(directory, `${name}-${device}-${colorScheme}.png`)
      await page.screenshot({ path: file, fullPage: true })
      process.stdout.write(`${file}\n`)
    }
    for (const complaint of visitor.complaints) process.stderr.write(`${name}: ${complaint}\n`)
  }
}
await browser.close()
