import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Code, refusals } from '@nexapod/specs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, describe, expect, test } from 'vitest'
import { Folders, jobOf, targetOf } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { openApi, openApiText } from './openapi.ts'
import { routes } from './routes/index.ts'
import { Events } from './test/events.ts'
import { Site } from './test/site.ts'

const folders = new Folders()
afterAll(() => folders.remove())

describe('openapi.json', () => {
  test('is what the schemas say: pnpm emit writes it', () => {
    const file = readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8')
    expect(file).toBe(openApiText())
  })

  test('has schemas that a judge takes, and names none that is not there', () => {
    const api = openApi() as { components: { schemas: Record<string, object> } }
    const { schemas } = api.components
    const named = [...openApiText().matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, n]) => n)
    for (const name of named) expect(Object.keys(schemas)).toContain(name)
    for (const [name, schema] of Object.entries(schemas)) {
      const ajv = new Ajv2020({ strict: false })
      expect([name, typeof ajv.compile({ ...schema, components: api.components })]).toEqual([
        ...[name, 'function'],
      ])
    }
  })

  test('names every parameter of a path, and each operation once', () => {
    const api = openApi() as { paths: Record<string, Record<string, { operationId: string }>> }
    const ids = Object.values(api.paths).flatMap((path) =>
      Object.values(path).map((o) => o.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(routes.length)
    for (const { path, params } of routes) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(Object.keys(params.json.properties ?? {})).toEqual(inPath)
    }
  })

  test('is served', async () => {
    await using site = await Site.open(folders)
    expect((await site.get('/openapi.json')).text).toBe(openApiText())
  })
})

describe('the API', () => {
  test('explains every refusal at the address that its problem names', async () => {
    await using site = await Site.open(folders)
    for (const code of Object.keys(refusals) as Code[]) {
      expect((await site.get(`/problems/${code}`)).says).toMatchObject({ code })
    }
  })

  test('tells how it does, and numbers without a key in them', async () => {
    await using site = await Site.open(folders)
    const node = ScriptedNode.open('ann', targetOf(site.coordinator), { units: 1 })
    await using ann = await node
    await ann.hello()
    await ann.hears('welcome')
    await site.publish(jobOf(site.coordinator.chain, 1).signed)
    for (const path of ['/healthz', '/readyz', '/version', '/api/v1/status']) {
      expect((await site.get(path)).status).toBe(200)
    }
    const { text } = await site.get('/metrics')
    expect(text).toMatch(/^nexapod_nodes 1$/m)
    expect(text).toMatch(/^nexapod_jobs_open 1$/m)
    expect(text).toMatch(
      /^nexapod_http_request_seconds_count\{method="POST",route="\S+jobs",status="201"\} 1$/m,
    )
    expect(text).not.toContain('12D3KooW')
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) nexapod_\w+ .+|nexapod_\w+(\{[^}]*\})? [0-9.e+-]+)$/)
    }
  })

  test('finds its register after a restart, or makes it anew where it is another', async () => {
    const directory = folders.next()
    await using site = await Site.open(folders, { directory })
    const { id, signed } = jobOf(site.coordinator.chain, 1)
    await site.publish(signed)
    await site.reopen()
    expect((await site.get('/api/v1/jobs')).says).toMatchObject({ items: [{ id }] })
    await site.http[Symbol.asyncDispose]()
    const register = join(directory, 'http', 'register.sqlite')
    const { DatabaseSync } = await import('node:sqlite')
    {
      using file = new DatabaseSync(register)
      file.exec(`update chains set head = '${'0'.repeat(64)}'; update jobs set name = 'a lie'`)
    }
    await site.reopen()
    expect((await site.get('/api/v1/jobs')).says).toMatchObject({ items: [{ name: 'job 1' }] })
  })

  test('closes with streams open, and answers nobody any more', async () => {
    const site = await Site.open(folders)
    await using events = await Events.open(`${site.http.address}/api/v1/ledger/stream?from=0`)
    const { size }: { size: number } = (await site.get('/api/v1/ledger')).says
    for (let i = 0; i < size; i++) await events.next()
    await site[Symbol.asyncDispose]()
    await expect(events.next()).rejects.toThrow('the stream has ended')
    await expect(fetch(`${site.http.address}/healthz`)).rejects.toThrow('fetch failed')
  })
})

test('a process with --http tells where its API is, and has it until it is to end', async () => {
  const main = join(import.meta.dirname, '..', 'main.ts')
  const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--http', '127.0.0.1:0']
  const child = spawn(process.execPath, [main, '--dir', folders.next(), ...listen], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { http } = JSON.parse(line)
  expect((await fetch(`${http}/readyz`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
