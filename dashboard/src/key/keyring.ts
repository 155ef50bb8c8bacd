import { ed25519, fromHex, type Signer, toHex } from '@nexapod/specs'
import type { Mine, Tried } from '../publish/told.ts'
import { done, openDatabase } from './database.ts'

/** A key as this browser keeps it: the secret is what its file has. */
interface Row {
  readonly name: 'mine'
  readonly seed: Uint8Array
  readonly since: number
}

const seedBytes = 32
/** What a file with a key has at most: 64 digits, and the end of a line. */
const fileBytesMax = 128

/**
 * The one key of this browser. Its seed is kept as it is, and signed with in JavaScript: a key
 * that cannot be taken out would be lost with the browser's data, and credit with it; and there is
 * no WebCrypto on plain HTTP. It never leaves the worker but as the copy that was asked for.
 */
export class Keyring {
  readonly #rows: Promise<IDBDatabase | undefined>

  constructor(rows = openDatabase()) {
    this.#rows = rows
  }

  /** Who this browser signs as, if it holds a key. */
  async mine(): Promise<Tried<Mine | undefined>> {
    const row = await this.#row()
    return row.ok ? { ok: true, value: row.value && mineOf(row.value) } : row
  }

  /** Makes a key, if there is none. */
  async make(): Promise<Tried<Mine>> {
    return await this.#keep(crypto.getRandomValues(new Uint8Array(seedBytes)))
  }

  /** Takes in the file of a key: 64 digits, or the 32 bytes that they are. */
  async bring(file: Blob): Promise<Tried<Mine>> {
    const bytes = new Uint8Array(await file.slice(0, fileBytesMax + 1).arrayBuffer())
    const digits = new TextDecoder().decode(bytes).trim()
    const seed = bytes.length === seedBytes ? bytes : fromHex(digits)
    if (seed?.length !== seedBytes) {
      const todo = 'Choose the file key of the command line, or what nexapod key export prints.'
      return wrong('The file holds no key: it is not 64 hexadecimal digits.', todo)
    }
    return await this.#keep(seed)
  }

  /** The secret, as the file `key` of the command line has it. */
  async copy(): Promise<Tried<string>> {
    const seed = await this.#seed()
    return seed.ok ? { ok: true, value: `${toHex(seed.value)}\n` } : seed
  }

  /** Who signs; a key has to be there. */
  async signer(): Promise<Tried<Signer>> {
    const seed = await this.#seed()
    return seed.ok ? { ok: true, value: ed25519.signer(seed.value) } : seed
  }

  /** Deletes the key: nothing here brings it back. */
  async forget(): Promise<Tried<undefined>> {
    const rows = await this.#store('readwrite')
    if (rows === undefined) return nowhere()
    await done(rows.delete('mine'))
    return { ok: true, value: undefined }
  }

  async #keep(seed: Uint8Array): Promise<Tried<Mine>> {
    const before = await this.#row()
    if (!before.ok) return before
    if (before.value !== undefined && toHex(before.value.seed) !== toHex(seed)) {
      const todo = 'Save a copy of that one and delete it, then bring in the other.'
      return wrong('Another key is here, and would be lost.', todo)
    }
    const since = Math.round(performance.timeOrigin + performance.now())
    const row: Row = before.value ?? { name: 'mine', seed, since }
    const rows = await this.#store('readwrite')
    if (rows === undefined) return nowhere()
    await done(rows.put(row))
    return { ok: true, value: mineOf(row) }
  }

  async #seed(): Promise<Tried<Uint8Array>> {
    const row = await this.#row()
    if (!row.ok) return row
    if (row.value !== undefined) return { ok: true, value: row.value.seed }
    return wrong('This browser holds no key.', 'Make one, or bring one in.')
  }

  async #row(): Promise<Tried<Row | undefined>> {
    const rows = await this.#store('readonly')
    if (rows === undefined) return nowhere()
    return { ok: true, value: (await done(rows.get('mine'))) as Row | undefined }
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore | undefined> {
    return (await this.#rows)?.transaction('keys', mode).objectStore('keys')
  }
}

function nowhere() {
  return wrong(
    'This browser keeps nothing for this page, so no key either.',
    'Open it in a window that is not private, or allow this site to store data.',
  )
}

function wrong(what: string, todo: string) {
  return { ok: false, faults: [{ code: 'key.file', what, todo }] } as const
}

function mineOf({ seed, since }: Row): Mine {
  return { id: ed25519.signer(seed).id, since }
}
