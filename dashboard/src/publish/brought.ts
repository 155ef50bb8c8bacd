import { nameOfFile, nameOfTar } from '@nexapod/mesh/browser'
import {
  type Cid,
  type Digest,
  limits,
  type Refusal,
  refusalOf,
  sha256,
  toHex,
} from '@nexapod/specs'
import { prepare } from '@nexapod/specs/wasm'
import { done } from '../key/database.ts'

/** A file that was dropped, and what is known of it so far. */
export interface Brought {
  readonly name: string
  readonly file: Blob
  /** It is a tar of what lies in a folder. */
  readonly isFolder: boolean
  cid?: Cid
  /** Its digest, where it is short enough to be one that a descriptor gives of an address. */
  sha256?: Digest
  refusal?: Refusal
  /** Whether it is in the database, so that the next visit finds it. */
  isKept: boolean
}

interface Row {
  readonly name: string
  readonly file: Blob
  readonly isFolder: boolean
}

/** Files of the draft, in the database of the browser as far as that has room. */
export class Files {
  readonly #database: Promise<IDBDatabase | undefined>
  readonly #here = new Map<string, Brought>()
  readonly #found: Promise<void>
  readonly #changed: () => void
  #looking: Promise<unknown> = Promise.resolve()
  readonly #verdicts = new WeakMap<Blob, Map<number, Refusal | undefined>>()

  constructor(database: Promise<IDBDatabase | undefined>, changed: () => void) {
    this.#database = database
    this.#changed = changed
    this.#found = this.#find()
  }

  /** All that are here, once those of the last visit were found. */
  async all(): Promise<readonly Brought[]> {
    await this.#found
    return [...this.#here.values()]
  }

  /** All that are here, each of them looked at to its end. */
  async looked(): Promise<readonly Brought[]> {
    await this.#found
    await this.#looking
    return [...this.#here.values()]
  }

  /** Takes a file in under its name; one of that name before it goes. */
  async take(name: string, file: Blob, isFolder = false): Promise<void> {
    await this.#found
    const isKept = await this.#keep({ name, file, isFolder })
    this.#lookAt({ name, file, isFolder, isKept })
  }

  async discard(name: string): Promise<void> {
    await this.#found
    this.#here.delete(name)
    const rows = await this.#rows()
    if (rows !== undefined) await done(rows.delete(name))
  }

  /** Why a file is no module that a unit with so much memory could run; nothing if it is one. */
  async whyNoModule({ file }: Brought, ramBytes: number): Promise<Refusal | undefined> {
    const known = this.#verdicts.get(file) ?? new Map<number, Refusal | undefined>()
    this.#verdicts.set(file, known)
    if (!known.has(ramBytes)) known.set(ramBytes, await refusalOfModule(file, ramBytes))
    return known.get(ramBytes)
  }

  async #find(): Promise<void> {
    const rows = await this.#rows()
    const found = rows === undefined ? [] : ((await done(rows.getAll())) as Row[])
    for (const row of found) this.#lookAt({ ...row, isKept: true })
  }

  #lookAt(brought: Brought): void {
    this.#here.set(brought.name, brought)
    this.#looking = Promise.all([this.#looking, this.#look(brought)])
  }

  async #look(brought: Brought): Promise<void> {
    const { file, isFolder } = brought
    const { uploadBytesMax } = limits
    const named = await (isFolder
      ? nameOfTar(file, uploadBytesMax)
      : nameOfFile(file, uploadBytesMax, () => {}))
    if (named.ok) brought.cid = named.value
    else brought.refusal = named.refusal
    if (!isFolder && file.size <= limits.downloadBytesMax) {
      const bytes = new Uint8Array(await file.arrayBuffer())
      brought.sha256 = toHex(sha256(bytes)) as Digest
    }
    if (this.#here.get(brought.name) === brought) this.#changed()
  }

  /** Whether there is room for it: without, it is here as long as the page is. */
  async #keep(row: Row): Promise<boolean> {
    const rows = await this.#rows()
    if (rows === undefined) return false
    return await done(rows.put(row)).then(
      () => true,
      () => false,
    )
  }

  async #rows(): Promise<IDBObjectStore | undefined> {
    return (await this.#database)?.transaction('files', 'readwrite').objectStore('files')
  }
}

async function refusalOfModule(file: Blob, ramBytes: number): Promise<Refusal | undefined> {
  if (file.size > limits.wasmModuleBytesMax) {
    return refusalOf('data.too-large', { detail: `at most ${limits.wasmModuleBytesMax} bytes` })
  }
  const module = prepare(new Uint8Array(await file.arrayBuffer()), ramBytes)
  return module.ok ? undefined : module.refusal
}
