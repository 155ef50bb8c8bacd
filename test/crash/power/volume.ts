import type { Chance } from '../../fuzz/chance.ts'
import { File } from './file.ts'
import type { Image } from './image.ts'

/**
 * What carries the names of files to the disk: assumptions, from what is so to what is promised.
 *
 * - `journal`: ext4 and XFS as they are. All changes of names are in one order, and any part of its
 *   beginning may be on the disk. A sync of a folder carries all names that were changed before; so
 *   does one of a file that has grown, because its size is in the same journal.
 * - `folders`: what POSIX promises, and an order within each folder. A sync of a folder carries
 *   its own names and no others; a sync of a file carries none, not even its own.
 *
 * In both a rename is whole or not at all, a file does not take its bytes along when it is renamed,
 * and of two changes in one folder the second is not there without the first. So LevelDB's rename
 * of CURRENT, which is after the sync of what it names, is there or not, and what LevelDB removes
 * after it is there as long as the rename is not.
 */
export type Names = 'journal' | 'folders'

type Item = File | Folder

/** A folder: its names as processes see them, and those that are safe. */
export class Folder {
  readonly names = new Map<string, Item>()
  readonly safe = new Map<string, Item>()
}

interface Change {
  readonly line: number
  readonly folder: Folder
  /** What happened, in words. */
  readonly deed: string
  /** Names that are given, and taken away. */
  readonly puts: readonly (readonly [string, Item | undefined])[]
}

/** A file system as a loss of power sees it. */
export class Volume {
  readonly root = new Folder()
  readonly #names: Names
  #pending: Change[] = []

  /** All that is there now is safe. */
  constructor(names: Names, image: Image) {
    this.#names = names
    for (const [path, bytes] of [...image].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [folder, name] = this.place(path)
      const item = bytes === undefined ? new Folder() : new File(bytes)
      folder.names.set(name, item)
      folder.safe.set(name, item)
    }
  }

  /** The folder of a path, and the name in it. */
  place(path: string): readonly [Folder, string] {
    const names = path.split('/')
    const last = names.pop() ?? ''
    let folder = this.root
    for (const name of names) {
      const next = folder.names.get(name)
      if (!(next instanceof Folder)) throw new Error(`there is no folder ${name} of ${path}`)
      folder = next
    }
    return [folder, last]
  }

  change(change: Change): void {
    this.#pending.push(change)
    apply(change, change.folder.names)
  }

  /** Makes safe what was there at a line, as far as a sync of this carries it. */
  sync(item: Item, before: number): void {
    const carries = (change: Change) =>
      change.line < before && (this.#names === 'journal' || change.folder === item)
    if (item instanceof File && (!item.sync(before) || this.#names === 'folders')) return
    for (const change of this.#pending.filter(carries)) apply(change, change.folder.safe)
    this.#pending = this.#pending.filter((change) => !carries(change))
  }

  /** What processes see. */
  get whole(): Image {
    return listed(
      this.root,
      (folder) => folder.names,
      (file) => file.bytes,
    )
  }

  /** What may be found after the power went, and a line for each thing that is not safe. */
  possible(chance: Chance): { readonly image: Image; readonly lost: readonly string[] } {
    const [there, gone] = this.#split(chance)
    const names = new Map<Folder, Map<string, Item>>()
    for (const change of there) {
      const safe = names.get(change.folder) ?? new Map(change.folder.safe)
      names.set(change.folder, safe)
      apply(change, safe)
    }
    const lost = gone.map(({ deed }) => `no ${deed}`)
    // A file with two names has the same bytes under both.
    const drawn = new Map<File, Buffer>()
    const bytesOf = (file: File, path: string) => {
      const before = drawn.get(file)
      if (before) return before
      const found = file.possible(chance)
      drawn.set(file, found.bytes)
      if (found.lost !== '') lost.push(`${path}: ${found.lost}`)
      return found.bytes
    }
    const image = listed(this.root, (folder) => names.get(folder) ?? folder.safe, bytesOf)
    return { image, lost }
  }

  /** The changes of names that are on the disk, and those that are not. */
  #split(chance: Chance): [Change[], Change[]] {
    const [there, gone]: [Change[], Change[]] = [[], []]
    const orders = new Map<Folder, Change[]>()
    for (const change of this.#pending) {
      const key = this.#names === 'journal' ? this.root : change.folder
      const order = orders.get(key) ?? []
      orders.set(key, order)
      order.push(change)
    }
    for (const order of orders.values()) {
      const count = chance.one([0, order.length, chance.below(order.length + 1)])
      there.push(...order.slice(0, count))
      gone.push(...order.slice(count))
    }
    return [there, gone]
  }
}

function apply({ puts }: Change, names: Map<string, Item>): void {
  for (const [name, item] of puts) {
    if (item) names.set(name, item)
    else names.delete(name)
  }
}

function listed(
  root: Folder,
  namesIn: (folder: Folder) => ReadonlyMap<string, Item>,
  bytesOf: (file: File, path: string) => Buffer,
): Image {
  const image = new Map<string, Buffer | undefined>()
  const list = (folder: Folder, path: string) => {
    for (const [name, item] of namesIn(folder)) {
      image.set(path + name, item instanceof File ? bytesOf(item, path + name) : undefined)
      if (item instanceof Folder) list(item, `${path}${name}/`)
    }
  }
  list(root, '')
  return image
}
