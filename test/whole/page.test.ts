import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askAtDoor } from '../../node/shell/door.ts'
import type { NodeStatus } from '../../node/shell/index.ts'
import { type Driven, openDriven } from '../browser/driven.ts'
import { chromium } from '../browser/tab.ts'
import { missing } from '../config.ts'
import { MeshHere, NodeProcess } from './mesh-here.ts'

let directory = ''
let mesh: MeshHere
let node: NodeProcess
let told = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-page-'))
  mesh = await MeshHere.open()
  await mesh.publishPi(3, 2_000_000_000)
  await writeFile(join(directory, 'limits.json'), '{"inUse":{"cores":1},"gpus":0}')
  const invitation = mesh.coordinator.invitation()
  node = new NodeProcess(directory, invitation, [], undefined, ['--page', '0'])
  const { address } = await node.tells('page')
  told = String(address)
  await node.tells('executing')
})

afterAll(async () => {
  await node.end('SIGKILL')
  await mesh[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

async function status(): Promise<NodeStatus> {
  const asked = await askAtDoor(directory, { type: 'status' })
  if (!asked.ok) throw new Error(asked.refusal.code)
  return asked.value as NodeStatus
}

test('the key of the page is in the status, and in nothing that the process prints', async () => {
  const { page = '' } = await status()
  const [address, key = ''] = page.split('#')
  expect(address).toBe(told)
  expect(key).toHaveLength(43)
  expect(JSON.stringify(node.told)).not.toContain(key)
})

describe.skipIf(missing('chromium', existsSync(chromium)))('in a browser, the page', () => {
  let tab: Driven
  beforeAll(async () => {
    tab = await openDriven()
  })
  afterAll(async () => {
    await tab?.[Symbol.asyncDispose]()
  })

  const state = `document.getElementById('state').textContent`

  test('shows what runs and what is lent, and does what its owner clicks', async () => {
    const { page = '' } = await status()
    await tab.go(page)
    await tab.until(`${state} === 'Lends itself: 1 unit runs.'`)
    await tab.until(`!document.getElementById('limits-part').hidden`)
    // The key is nowhere that another script, or who looks at the screen, could find it.
    expect(await tab.value('location.href')).toBe(told)
    const shown = String(await tab.value('document.body.innerText'))
    expect(shown).toContain('Monte-Carlo')
    expect(shown).toContain('you lend to all projects')
    expect(shown).toMatch(/inUse\.cores\s+1\s+yours/)
    expect(shown).toMatch(/idleAfterMs\s+5 min\s+usual/)
    await tab.value(`document.getElementById('pause').click()`)
    await tab.until(`${state} === 'Paused.'`)
    expect((await status()).order).toBe('pause')
    expect(await tab.value('document.body.innerText')).toContain('Run nexapod node resume.')
    await tab.value(`document.getElementById('resume').click()`)
    await tab.until(`${state}.startsWith('Lends itself')`)
    expect((await status()).order).toBe('lend')
    // It asks before it ends anything.
    await tab.value(`document.getElementById('finish').click()`)
    expect(await tab.value(`document.getElementById('sure').open`)).toBe(true)
    await tab.value(`document.getElementById('sure-no').click()`)
    expect((await status()).order).toBe('lend')
    for (const scheme of ['light', 'dark'] as const) {
      expect((await tab.picture(scheme)).length).toBeGreaterThan(1000)
    }
  })

  test('says what to do where the key is not there any more', async () => {
    await tab.go('about:blank#')
    await tab.go(told)
    await tab.until(`${state} === 'This page sees no node.'`)
    expect(await tab.value('document.body.innerText')).toContain('nexapod node status')
  })

  test('is of no use to another page, whatever that knows', async () => {
    const { page = '' } = await status()
    const [address, key] = page.split('#')
    const evil = createServer((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/html' }).end('<body>elsewhere</body>')
    }).listen(0, '127.0.0.1')
    await once(evil, 'listening')
    await tab.go(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`)
    const order = JSON.stringify({ type: 'order', order: 'finish' })
    const tries = `(async () => {
      const body = '${order}'
      const ask = (headers, mode) => fetch('${address}ask', { method: 'POST', mode, headers, body })
        .then((answer) => answer.type, (error) => error.name)
      const json = { 'content-type': 'application/json' }
      const frame = document.createElement('iframe')
      const loaded = () => new Promise((done) => { frame.onload = done })
      frame.name = 'held'
      frame.src = '${page}'
      const framed = loaded()
      document.body.append(frame)
      await framed
      const form = document.createElement('form')
      Object.assign(form, { method: 'POST', action: '${address}ask', enctype: 'text/plain' })
      const field = document.createElement('input')
      Object.assign(field, { name: '${order.slice(0, -1)},"x":"', value: '"}' })
      form.append(field)
      document.body.append(form)
      form.target = 'held'
      const posted = loaded()
      form.submit()
      await posted
      return [
        await ask({ ...json, 'x-nexapod-key': '${key}' }),
        await ask(json),
        await ask({}, 'no-cors'),
        frame.contentDocument === null,
      ]
    })()`
    expect(await tab.value(tries)).toEqual(['TypeError', 'TypeError', 'TypeError', true])
    expect((await status()).order).toBe('lend')
    evil.closeAllConnections()
    evil.close()
  })
})
