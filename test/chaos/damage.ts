import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Chance } from '../fuzz/chance.ts'

/** How many bits are flipped at most. */
const bitsMax = 3

/** Flips some bits in what a ledger is kept in; tells where. */
export async function flipBits(ledger: string, draw: number): Promise<readonly string[]> {
  const chance = new Chance(draw, 0)
  const files = (await readdir(ledger, { recursive: true })).filter((path) => {
    return /\.(ldb|log)$/.test(path)
  })
  const flipped: string[] = []
  for (let left = 1 + chance.below(bitsMax); left > 0; left--) {
    const name = chance.any(files.sort())
    if (name === undefined) break
    const bytes = await readFile(join(ledger, name))
    if (bytes.length === 0) continue
    const at = chance.below(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << chance.below(8))
    await writeFile(join(ledger, name), bytes)
    flipped.push(`${name} at ${at}`)
  }
  return flipped
}

/** Takes all away that a coordinator has but its key: who looked into a store for it ends soon. */
export async function loseAll(own: string): Promise<void> {
  for (const name of await readdir(own)) {
    if (name !== 'key') await rm(join(own, name), { recursive: true, maxRetries: 10 })
  }
}
