import { open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  choice,
  cid,
  decode,
  encode,
  type Infer,
  limits,
  list,
  sha256,
  struct,
  text,
  toHex,
} from '@nexapod/specs'
import { syncPath } from './disk.ts'

const pinSchema = struct({
  name: text({ kind: 'line', max: limits.pinNameBytesMax }),
  roots: list(cid(), { min: 1, max: limits.pinRootsMax }),
  state: choice(['fetched', 'sealed', 'open']),
})

/** A hold as it is kept: which roots, under which name. */
export type Pin = Infer<typeof pinSchema>

/** The pins on disk, a file for each: they are few, and written seldom. */
export class PinFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** All pins. A half-written one is one that nobody was told of; it goes. */
  async all(): Promise<Pin[]> {
    const pins: Pin[] = []
    for (const file of await readdir(this.#directory)) {
      const path = join(this.#directory, file)
      const pin = decode(pinSchema, await readFile(path))
      if (pin.ok && file === fileOf(pin.value.name)) pins.push(pin.value)
      else await unlink(path)
    }
    return pins
  }

  /** Keeps a pin, in place of one of this name; it is there when the power fails. */
  async keep(pin: Pin): Promise<void> {
    const path = join(this.#directory, fileOf(pin.name))
    const file = await open(`${path}.aside`, 'w')
    try {
      await file.writeFile(encode(pinSchema, pin))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.aside`, path)
    await syncPath(this.#directory)
  }

  async forget(name: string): Promise<void> {
    await unlink(join(this.#directory, fileOf(name)))
  }
}

function fileOf(name: string): string {
  return toHex(sha256(new TextEncoder().encode(name)))
}
