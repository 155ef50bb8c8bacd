import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { calm, giveWork, live } from '../test/life.ts'
import { Rig } from '../test/rig.ts'

const moves = 400
const seen = new Set<string>()

test.each([0, 1, 2, 3])(
  'whatever happens, no rule is broken, and nothing is left over: %i',
  (batch) => {
    for (let seed = batch * 15; seed < (batch + 1) * 15; seed++) {
      const world = live(seed, moves)
      calm(world)
      const left = [...world.disk.keys()].filter((name) => !name.startsWith('coordinator/'))
      expect([...world.state.held.keys(), ...left], `seed ${seed}`).toEqual([])
      const sealed = world.seen.get('told sealed') ?? 0
      giveWork(world, seed)
      expect(world.seen.get('told sealed') ?? 0, `seed ${seed}`).toBeGreaterThan(sealed)
      for (const kind of world.seen.keys()) seen.add(kind)
    }
  },
)

// A world that reaches little proves little.
test('everything that can happen did', () => {
  expect([...seen]).toEqual(expect.arrayContaining(everything))
})

const everything = [
  ...['keep', 'forget', 'dial', 'hangUp', 'send', 'fetch', 'execute', 'freeze', 'thaw', 'kill'],
  ...['pace', 'wake', 'seek', 'finished', 'restart', 'successor'],
  ...['hello', 'hold', 'offer', 'renew', 'ask', 'deliver', 'abort', 'alive', 'bye'].map(
    (type) => `said ${type}`,
  ),
  ...[
    'welcomed',
    'lost',
    'leased',
    'executing',
    'sealed',
    'acknowledged',
    'decided',
    'refusedBy',
  ].map((type) => `told ${type}`),
  ...['expired', 'cancelled', 'decided', 'owner', 'time', 'memory', 'data', 'shutdown'].map(
    (why) => `ended ${why}`,
  ),
  ...['signature.false', 'lease.unknown', 'lease.fenced', 'wire.message', 'chain.checkpoint'].map(
    (code) => `refused ${code}`,
  ),
]

test('the same seed leads the same life', () => {
  const [one, other] = [live(7, 200), live(7, 200)]
  expect([...one.seen]).toEqual([...other.seen])
  expect([...one.disk.keys()]).toEqual([...other.disk.keys()])
})

test('time that goes back is a mistake of the shell, and stops it', () => {
  const rig = new Rig()
  rig.at = 999
  expect(() => rig.step({ type: 'tick' })).toThrow('time went back')
})

test('a tick at any other time than was asked for does no harm', () => {
  const rig = new Rig()
  for (let i = 0; i < 100; i++) {
    rig.at++
    expect(rig.step({ type: 'tick' }).effects).toEqual([])
  }
})

test('the page has a row for every event and every effect', () => {
  const page = readFileSync(join(import.meta.dirname, 'core.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => [...(row.split('|')[1]?.matchAll(/`(\w+)`/g) ?? [])])
  const known = new Set(named.map((match) => match[1]))
  for (const [file, type] of [
    ['event.ts', 'Event'],
    ['effect.ts', 'Effect'],
  ] as const) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    const body = text.slice(text.indexOf(`export type ${type} =`)).split('\n\n')[0] ?? ''
    const types = Array.from(body.matchAll(/type: '(\w+)'/g), (match) => match[1])
    expect(types.length).toBeGreaterThan(10)
    for (const each of types) expect(known, `${type} ${each}`).toContain(each)
  }
})
