import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type } from '../../cli/test/typed.ts'
import { type ChainId, type Signer, toHex } from '../../specs/index.ts'
import { members, seedOf } from '../sim/bank/cast.ts'
import { earn } from './earning.ts'
import { type One, Three } from './three.ts'

const command = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
const owner = members[0] as Signer

let home = ''
let three: Three

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'nexapod-move-'))
  await writeFile(join(home, 'key'), `${toHex(seedOf(owner))}\n`, { mode: 0o600 })
  three = await Three.open()
  await earn(owner, 'ann', three.all[1] as One, 1)
})

afterAll(async () => {
  await three[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

const typed = (...args: string[]) => type(home, args, { NEXAPOD_MESH: three.invitation })

/** What the owner has on each chain, in micro-credits. */
async function balances(): Promise<Record<string, number>> {
  const { said } = await typed('credit', 'balance', '--json')
  const chains: readonly { chain: ChainId; balanceMicro: number }[] = said.chains
  return Object.fromEntries(chains.map(({ chain, balanceMicro }) => [chain, balanceMicro]))
}

test('credit moves once, although it is cut off in the middle', async () => {
  const [, from, to] = three.chains as [ChainId, ChainId, ChainId]
  // What was earned is held for a second.
  let before = await balances()
  while (before[from] === 0) before = await balances()
  const line = ['credit', 'move', '0.02', '--from', from.slice(0, 12), '--to', to.slice(0, 12)]
  const env = { NEXAPOD_HOME: home, NEXAPOD_MESH: three.invitation }
  const cut = spawn(process.execPath, [command, ...line], { env, cwd: home })
  for await (const said of cut.stderr) if (`${said}`.includes('is cosigned')) break
  cut.kill('SIGKILL')
  await once(cut, 'close')
  const again = await typed(...line, '--json')
  expect(again).toMatchObject({ exit: 0, said: { from, to, micro: 20_000 } })
  expect(again.err).toContain('it was begun before, and goes on')
  const after = await balances()
  expect(after).toEqual({
    ...before,
    [from]: (before[from] ?? 0) - 20_000,
    [to]: (before[to] ?? 0) + 20_000,
  })
  // It has arrived: the same again is another move.
  expect(await typed(...line)).toMatchObject({
    exit: 0,
    err: expect.not.stringContaining('before'),
  })
  expect((await balances())[to]).toBe(40_000)
  const much = await typed('credit', 'move', '900', '--from', from, '--to', to)
  expect(much).toMatchObject({ exit: 7, err: expect.stringContaining('not moved') })
  expect((await typed('credit', 'move', '1', '--from', from, '--to', from)).exit).toBe(2)
  expect((await typed('credit', 'move', 'all', '--from', from, '--to', to)).exit).toBe(2)
  expect((await typed('credit', 'move', '1', '--from', 'zzzz', '--to', to)).exit).toBe(3)
})
