import { unitCount } from '@nexapod/specs'
import { type Brought, Files } from './brought.ts'
import { faultsOf } from './fault.ts'
import { blankAt, formOf, typedAt } from './fields.ts'
import { offerAt } from './offer.ts'
import { pathText } from './path.ts'
import { givenTo, placesOf, resolvedBy } from './sources.ts'
import { type Filed, tarOf } from './tar.ts'
import type { Fault, Field, Given, Offer, Path, View } from './told.ts'
import { schemaAt, Written } from './written.ts'

/** A file that is a descriptor of its own: it is read, and not brought. */
const descriptor = /\.ya?ml$/i
/** Letters of a file that is read as a descriptor. */
const textMax = 1024 * 1024

/** A descriptor that is being written: one text, whatever changes it, and the files it names. */
export class Draft {
  readonly files: Files
  #written = new Written('')
  #edit = 0
  #form: Field | undefined

  constructor(database: Promise<IDBDatabase | undefined>, changed: (view: View) => void) {
    this.files = new Files(database, () => void this.#view(false).then(changed))
  }

  /** The text as it was read last. */
  get written(): Written {
    return this.#written
  }

  /** The text is this now. */
  async write(edit: number, text: string): Promise<View> {
    this.#edit = edit
    this.#read(text)
    return await this.#view(false)
  }

  /** A field of the form has this now. */
  async set(edit: number, path: Path, typed: string): Promise<View> {
    return await this.#change(edit, path, typedAt(path, typed))
  }

  /** A key, or an item of a list where the key is empty, is there now. */
  async add(edit: number, path: Path, key: string): Promise<View> {
    const inside: unknown = this.#written.document.getIn(path)
    const isList = schemaAt(path)?.type === 'array'
    const next = isList ? [...path, itemsOf(inside)] : [...path, key]
    return await this.#change(edit, next, blankAt(next))
  }

  /** What stands at a path goes. */
  async remove(edit: number, path: Path): Promise<View> {
    return await this.#change(edit, path, undefined)
  }

  /** Takes in files that were dropped; a descriptor among them takes the place of the text. */
  async drop(edit: number, files: readonly File[], path?: Path): Promise<View> {
    let text: string | undefined
    for (const file of files) {
      if (path === undefined && descriptor.test(file.name) && file.size <= textMax) {
        text = await file.text()
      } else await this.files.take(file.name, file)
    }
    this.#edit = edit
    if (text !== undefined) this.#read(text)
    let isChanged = text !== undefined
    const here = (await this.files.all()).map(({ name }) => name)
    for (const { name } of files) {
      if (text !== undefined && descriptor.test(name)) continue
      const place = path ?? this.#placeFor(name, here)
      if (place === undefined) continue
      this.#read(this.#written.with(place, `./${name}`))
      isChanged = true
    }
    return await this.#view(isChanged)
  }

  /** Takes in a folder as the tar that is uploaded. */
  async dropFolder(edit: number, files: readonly Filed[]): Promise<View> {
    this.#edit = edit
    const [name = ''] = files[0]?.path.split('/') ?? []
    const inside = files.map(({ path, file }) => ({ path: path.slice(name.length + 1), file }))
    const tar = tarOf(inside)
    if (!tar.ok) {
      const view = await this.#view(false)
      return { ...view, faults: [...view.faults, ...faultsOf(tar)] }
    }
    await this.files.take(name, tar.value, true)
    const { isYaml, document, text } = this.#written
    if (!isYaml || text.includes(name)) return await this.#view(false)
    const at = itemsOf(document.getIn(['inputs']))
    const input = { path: `/in/${plain(name)}`, url: `./${name}`, type: 'DIRECTORY' }
    this.#read(this.#written.with(['inputs', at], input))
    return await this.#view(true)
  }

  /** A file is not needed here any more. */
  async discard(edit: number, name: string): Promise<View> {
    this.#edit = edit
    await this.files.discard(name)
    return await this.#view(false)
  }

  /** What may stand where the cursor is. */
  async offer(cursor: number): Promise<Offer | undefined> {
    const names = (await this.files.all()).map(({ name }) => name)
    return offerAt(this.#written.text, cursor, names)
  }

  /** What keeps it from being published, beside what its text says. */
  async missing(here: readonly Brought[]): Promise<readonly Fault[]> {
    const { draft } = this.#written
    return draft === undefined
      ? this.#written.faults
      : this.#faultsOf(await givenTo(draft, this.files), here)
  }

  async #change(edit: number, path: Path, value: unknown): Promise<View> {
    this.#edit = edit
    const { isYaml } = this.#written
    // While the text is no YAML there is nothing that a form could change.
    if (isYaml) this.#read(this.#written.with(path, value))
    return await this.#view(isYaml)
  }

  #read(text: string): void {
    this.#written = new Written(text)
    if (this.#written.isYaml) this.#form = formOf(this.#written)
  }

  async #view(isChanged: boolean): Promise<View> {
    const { text, faults, draft } = this.#written
    const edit = this.#edit
    const form = this.#form
    const given = await givenTo(draft, this.files)
    const missing = draft === undefined ? [] : this.#faultsOf(given, await this.files.all())
    return {
      ...{ edit, text, isChanged, given },
      faults: [...faults, ...missing],
      ...(form === undefined ? {} : { form }),
      ...(draft === undefined ? {} : { units: unitCount(draft.sweep) }),
    }
  }

  /** What is wrong with the files of a draft, each where it is named. */
  #faultsOf(given: readonly Given[], here: readonly Brought[]): readonly Fault[] {
    const { draft } = this.#written
    if (draft === undefined) return []
    return resolvedBy(draft, here).flatMap(({ source, brought }) => {
      const name = brought?.name ?? ('path' in source ? source.path : '')
      const fault = given.find((one) => one.name === name)?.fault
      if (fault === undefined || fault.code === 'data.full') return []
      return placesOf(draft, source).map((place) => {
        return { ...fault, at: pathText(place), ...this.#written.rangeOf(place) }
      })
    })
  }

  /** Where a file belongs that the descriptor does not name yet. */
  #placeFor(name: string, here: readonly string[]): Path | undefined {
    const { isYaml, document } = this.#written
    if (!isYaml || this.#written.text.includes(name)) return undefined
    if (/\.wasm$/i.test(name)) {
      const module = document.getIn(['executors', 0, 'module'])
      // A program whose file is here, or that is elsewhere on the mesh, stays the one.
      const isTaken = typeof module === 'string' && module !== '' && !isLacking(module, here)
      return isTaken ? undefined : ['executors', 0, 'module']
    }
    const at = itemsOf(document.getIn(['inputs']))
    this.#read(this.#written.with(['inputs', at], { path: `/in/${plain(name)}`, url: '' }))
    return ['inputs', at, 'url']
  }
}

/** Whether a source is a file that was not dropped. */
function isLacking(source: string, here: readonly string[]): boolean {
  return source.startsWith('./') && !here.includes(source.slice(2))
}

function itemsOf(list: unknown): number {
  const { items } = (list ?? {}) as { readonly items?: unknown }
  return Array.isArray(items) ? items.length : 0
}

/** A name that a path in a sandbox may have. */
function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._+=@,-]/g, '_').replace(/\.+$/, '')
}
