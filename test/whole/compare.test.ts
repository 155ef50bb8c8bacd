import { expect, test } from 'vitest'
import type { Job } from '../../specs/index.ts'
import { MeshHere } from './mesh-here.ts'

const near: Job['compare'] = [
  { type: 'tolerance', path: '/out/pi.csv', format: 'csv', absolute: '0.01', relative: '0' },
]

/** Nobody was struck or banned by any verdict of a mesh; gives what the verdicts were. */
async function blameless(mesh: MeshHere) {
  const verdicts = await mesh.factsOf('verdict')
  const decisions = verdicts.map(({ decided }) => decided)
  for (const one of decisions) {
    if (one.type === 'accepted') expect([...one.struck, ...one.banned]).toEqual([])
  }
  return decisions
}

test('what differs in the last digits passes by a tolerance, and both are paid', async () => {
  await using mesh = await MeshHere.open()
  const job = await mesh.publishPi(2, 200_000, { quorum: 2, max: 3 }, near)
  for (const name of ['1', '2']) mesh.startStrange(name)
  expect(await mesh.ended(job)).toBe('final')
  const decisions = await blameless(mesh)
  expect(decisions).toHaveLength(2)
  for (const one of decisions) expect(one).toMatchObject({ agreeing: { length: 2 } })
})

test('the same fails byte by byte, and nobody is blamed', async () => {
  await using mesh = await MeshHere.open()
  const job = await mesh.publishPi(1, 200_000, { quorum: 2, max: 2 })
  for (const name of ['1', '2']) mesh.startStrange(name)
  expect(await mesh.ended(job)).toBe('dead')
  expect((await blameless(mesh)).map(({ type }) => type)).toEqual(['expired'])
})

/** A module that ends as an instruction of WebAssembly says. */
function checker(...code: number[]): Uint8Array {
  const exported = [...Buffer.from('memory'), 2, 0, 6, ...Buffer.from('_start'), 0, 0]
  const exports = [2, 6, ...exported]
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 4, 1, 1, 1, 1],
    ...[7, exports.length, ...exports],
    ...[10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b],
  ])
}

test.each([
  ['ends', checker(), 'final', 'accepted', undefined],
  ['traps', checker(0x00), 'dead', 'expired', 'trap'],
  // A loop without an end.
  ['runs out of fuel', checker(0x03, 0x40, 0x0c, 0, 0x0b), 'dead', 'expired', 'out-of-fuel'],
] as const)('one result and a checker that %s', async (_, module, ended, decided, why) => {
  await using mesh = await MeshHere.open()
  const cid = await mesh.keep(module)
  const compare: Job['compare'] = [{ type: 'checker', path: '/out/pi.csv', module: cid }]
  const job = await mesh.publishPi(1, 200_000, { quorum: 1, max: 1 }, compare)
  mesh.start('ann')
  expect(await mesh.ended(job)).toBe(ended)
  expect((await blameless(mesh)).map(({ type }) => type)).toEqual([decided])
  const whys = mesh.warnings.map((facts) => ('why' in facts ? facts.why : facts))
  const said = `the checker of /out/pi.csv says no: ${why}`
  expect(whys).toEqual(why === undefined ? [] : [said])
})
