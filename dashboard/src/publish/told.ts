/** Where in a descriptor something stands: keys of maps, numbers of list items. */
export type Path = readonly (string | number)[]

/** What is refused: what, where, why, what to do. */
export interface Fault {
  readonly code: string
  readonly what: string
  readonly todo: string
  readonly at?: string
  readonly detail?: string
  /** Which letters of the text it is about. */
  readonly from?: number
  readonly to?: number
}

/** A value, or everything that is wrong. */
export type Tried<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** A key that may be added to a map, or an item to a list. */
export interface Addable {
  readonly key: string
  readonly about: string
}

/** A part of a descriptor as a form shows it: the same text, by another name. */
export interface Field {
  readonly path: Path
  readonly label: string
  readonly about: string
  readonly kind: 'line' | 'lines' | 'number' | 'choice' | 'raw' | 'map' | 'list'
  readonly value: string
  readonly choices: readonly string[]
  readonly fields: readonly Field[]
  readonly addable: readonly Addable[]
  /** Keys are names that whoever writes it chooses. */
  readonly hasNames: boolean
  readonly isRemovable: boolean
  /** A file may be chosen for it. */
  readonly isSource: boolean
}

/** A file that the descriptor names, or that was dropped. */
export interface Given {
  readonly name: string
  readonly isThere: boolean
  /** The descriptor names it. */
  readonly isNamed: boolean
  readonly bytes: number
  /** Not yet known where it is still looked at. */
  readonly cid?: string
  readonly fault?: Fault
}

/** A descriptor as it stands: the text, what is wrong with it, and the form of it. */
export interface View {
  /** After which change this is so. */
  readonly edit: number
  readonly text: string
  /** The text is not the one that was written: the form, or a file, changed it. */
  readonly isChanged: boolean
  readonly faults: readonly Fault[]
  readonly form?: Field
  readonly given: readonly Given[]
  readonly units?: number
}

/** What may stand where the cursor is. */
export interface Offer {
  /** The letters that a choice replaces. */
  readonly from: number
  readonly to: number
  readonly at: string
  readonly about: string
  readonly items: readonly {
    readonly label: string
    readonly insert: string
    readonly about: string
  }[]
}

/** A key that this browser holds. */
export interface Mine {
  readonly id: string
  readonly since: number
}

/** How far something is that takes its time. */
export interface Progress {
  readonly what: string
  readonly done: number
  readonly of: number
}

/** One output of a unit, as the chain that was verified has it. */
export interface Wanted {
  readonly unit: number
  readonly path: string
  readonly cid: string
  readonly bytes: number
}

/** What a key asks of the chain. */
export type Act =
  | { readonly type: 'cancel'; readonly job: string }
  | {
      readonly type: 'name'
      readonly name?: string
      readonly country?: string
      readonly team?: string
      readonly exported?: boolean
    }

/** What an owner may tell a node of theirs from afar. */
export type NodeOrder = 'pause' | 'resume' | 'finish'

/** What can be asked of the worker that holds the key; each is answered once. */
export interface Verbs {
  begin(base: string): Promise<void>
  write(given: { readonly edit: number; readonly text: string }): Promise<View>
  set(given: { readonly edit: number; readonly path: Path; readonly value: string }): Promise<View>
  add(given: { readonly edit: number; readonly path: Path; readonly key: string }): Promise<View>
  remove(given: { readonly edit: number; readonly path: Path }): Promise<View>
  drop(given: {
    readonly edit: number
    readonly files: readonly File[]
    /** The source that the file is for, where it was chosen there. */
    readonly path?: Path
  }): Promise<View>
  /** Takes in a folder: files with their paths, which all begin with its name. */
  dropFolder(given: {
    readonly edit: number
    readonly files: readonly { readonly path: string; readonly file: Blob }[]
  }): Promise<View>
  discard(given: { readonly edit: number; readonly name: string }): Promise<View>
  offer(cursor: number): Promise<Offer | undefined>
  publish(): Promise<Tried<{ readonly job: string }>>
  stop(): Promise<void>
  results(given: { readonly job: string; readonly files: readonly Wanted[] }): Promise<Tried<Blob>>
  mine(): Promise<Tried<Mine | undefined>>
  make(): Promise<Tried<Mine>>
  bring(file: Blob): Promise<Tried<Mine>>
  copy(): Promise<Tried<string>>
  forget(): Promise<Tried<undefined>>
  ask(act: Act): Promise<Tried<undefined>>
  release(node: string): Promise<Tried<undefined>>
  order(given: { readonly node: string; readonly order: NodeOrder }): Promise<Tried<undefined>>
}

/** A question to the worker. */
export interface Asked {
  readonly id: number
  readonly verb: keyof Verbs
  readonly given: unknown
}

/** What the worker tells the page. */
export type Told =
  | { readonly type: 'said'; readonly id: number; readonly said: unknown }
  | { readonly type: 'progress'; readonly progress: Progress | undefined }
  /** A file was looked at meanwhile. */
  | { readonly type: 'view'; readonly view: View }
