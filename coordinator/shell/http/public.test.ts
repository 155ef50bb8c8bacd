import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyNamed, usualRates } from '../../test/cast.ts'
import { Folders, jobOf, targetOf } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { pictureOf, pictures } from './picture.ts'
import { statisticsOf } from './statistics.ts'
import { Site } from './test/site.ts'

const folders = new Folders()
let site: Site
let ann: string
let bob: string

beforeAll(async () => {
  const rates = { ...usualRates, settleMs: 0 }
  site = await Site.open(folders, { mesh: { name: 'public', rates } })
  const target = targetOf(site.coordinator)
  await using one = await ScriptedNode.open('ann', target, { units: 2, says: () => 'right' })
  await using two = await ScriptedNode.open('bob', target, { units: 2, says: () => 'right' })
  await one.hello()
  await two.hello()
  await site.publish(jobOf(site.coordinator.chain, 1).signed)
  await one.hears('decided')
  await two.hears('decided')
  ;[ann, bob] = [one.id, two.id]
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await folders.remove()
})

const hostile = '</title><script>alert(1)</script>"\'&\u{1f989}'

describe('a picture of an owner', () => {
  test('can be shown anywhere, is asked for again by its tag, and can do nothing', async () => {
    await site.ask(keyNamed('ann'), { type: 'name', name: hostile })
    for (const kind of pictures) {
      const got = await site.get(`/badges/${ann}/${kind}.svg`)
      expect(got.status).toBe(200)
      expect(got.headers.get('content-type')).toBe('image/svg+xml')
      expect(got.headers.get('content-security-policy')).toContain("default-src 'none'; sandbox")
      expect(got.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
      expect(got.headers.get('cache-control')).toBe('public, max-age=300')
      expect(got.text).not.toMatch(/<script|on\w+=|href|url\(|[^ -~\n]/)
      const etag = got.headers.get('etag') ?? ''
      const again = await site.get(`/badges/${ann}/${kind}.svg`, { 'if-none-match': etag })
      expect(again.status).toBe(304)
    }
    const { text } = await site.get(`/badges/${ann}/place.svg`)
    expect(text).toMatch(/place [12] of 2/)
    expect((await site.get(`/badges/${ann}/nothing.svg`)).status).toBe(400)
    expect((await site.get(`/badges/${keyNamed('zoe').id}/credits.svg`)).status).toBe(404)
  })

  test('is small, whatever somebody is called', () => {
    const owner = { id: 'x'.repeat(52), micro: 9e15, recentMicro: 5, places: {}, owners: 1e9 }
    const streak = { now: 0, longest: 0 }
    for (const name of ['W'.repeat(10_000), 'a\u0301\u0302\u0303\u0304'.repeat(2000), '\u202e']) {
      const drawn = pictureOf('signature', { ...owner, name, streak, jobs: 0 } as never, [1, -5, 0])
      expect(drawn.length).toBeLessThan(4000)
    }
  })
})

describe('the lists for sites that compare projects', () => {
  test('have nobody who did not say so', async () => {
    await site.ask(keyNamed('bob'), {
      ...{ type: 'name', name: 'B\u00f6b <&>', country: 'DE', team: 'Owls' },
      exported: true,
    })
    const fetched = async (file: string) => {
      return Buffer.from(await (await fetch(`${site.http.address}/stats/${file}`)).arrayBuffer())
    }
    const users = gunzipSync(await fetched('user.gz')).toString()
    expect(users).toContain('<name>B&#246;b &#60;&#38;&#62;</name>')
    expect(users).toContain('<country>Germany</country>')
    expect(users.match(/<user>/g)).toHaveLength(1)
    expect(users).not.toContain(ann)
    expect(users).not.toContain(bob)
    const [, team = ''] = /<teamid>(\d+)</.exec(users) ?? []
    expect(gunzipSync(await fetched('team.gz')).toString()).toContain(`<id>${team}</id>`)
    expect(gunzipSync(await fetched('host.gz')).toString()).toContain('<hosts>\n</hosts>')
    expect((await fetched('tables.xml')).toString()).toContain('<nusers_total>1</nusers_total>')
  })

  test('give each its own number, also where two keys have the same', async () => {
    const listed = Array.from({ length: 3000 }, (_, i) => {
      return { id: `key ${i}`, since: 0, micro: 1, recentMicro: 0 }
    })
    const { user } = await statisticsOf(listed, 0)
    const ids = [...user.matchAll(/<id>(\d+)</g)].map(([, id]) => Number(id))
    expect(new Set(ids).size).toBe(3000)
    expect(Math.max(...ids)).toBeLessThan(2 ** 31)
  })

  test('let nobody wait, however many are of one team', async () => {
    const listed = Array.from({ length: 20_000 }, (_, i) => {
      return { id: `key ${i}`, since: i, micro: 1, recentMicro: 0, team: 'Owls' }
    })
    let turns = 0
    const each = () => {
      turns++
      timer = setImmediate(each)
    }
    let timer = setImmediate(each)
    const { team } = await statisticsOf(listed, 0)
    clearImmediate(timer)
    expect(team.match(/<team>/g)).toHaveLength(1)
    expect(turns).toBeGreaterThan(100)
  })
})
