import type { Path, View } from '../publish/told.ts'
import { call, hand } from './hand.svelte.ts'

/** What is shown to who has written nothing yet. */
const blank = `nexapod: v1
name: My question
description: What is to be found out, in plain words.

executors:
  - module: ./program.wasm
    stdout: /out/result.txt
outputs:
  - path: /out/result.txt
`

const key = 'nexapod-draft'
const keyBefore = 'nexapod-draft-before'

/** The descriptor that is being written: kept in the browser with every letter. */
class Draft {
  text = $state(localStorage.getItem(key) ?? blank)
  /** The text that another one took the place of. */
  before = $state(localStorage.getItem(keyBefore))
  /** Whether the browser has room for it. */
  isKept = $state(true)
  /** What the worker made of it last. */
  readonly view: View | undefined = $derived(hand.view)
  #edit = 0

  constructor() {
    // The same draft is open in another tab: what is typed there is typed here.
    addEventListener('storage', ({ key: changed, newValue }) => {
      if (changed === key && newValue !== null && newValue !== this.text) this.#read(newValue)
    })
  }

  /** Has the text read as it stands, with the files of the last visit. */
  begin(): void {
    this.#read(this.text)
  }

  write(text: string): void {
    this.#keep(text)
    this.#read(text)
  }

  set(path: Path, value: string): void {
    void this.#take(call('set', { edit: ++this.#edit, path, value }))
  }

  add(path: Path, name: string): void {
    void this.#take(call('add', { edit: ++this.#edit, path, key: name }))
  }

  remove(path: Path): void {
    void this.#take(call('remove', { edit: ++this.#edit, path }))
  }

  drop(files: readonly File[], path?: Path): void {
    const given = { edit: ++this.#edit, files }
    const isText = path === undefined && files.some(({ name }) => /\.ya?ml$/i.test(name))
    if (isText) this.#putAside()
    void this.#take(call('drop', path === undefined ? given : { ...given, path }))
  }

  dropFolder(files: readonly File[]): void {
    // The path of a file in its folder stays here when the file goes to the worker.
    const filed = files.map((file) => ({ path: file.webkitRelativePath, file }))
    void this.#take(call('dropFolder', { edit: ++this.#edit, files: filed }))
  }

  discard(name: string): void {
    void this.#take(call('discard', { edit: ++this.#edit, name }))
  }

  /** Begins anew; what was there can be had back. */
  clear(): void {
    this.#putAside()
    this.write(blank)
  }

  /** Changes places with the text that was there before. */
  back(): void {
    const { before } = this
    if (before === null) return
    this.#putAside()
    this.write(before)
  }

  #putAside(): void {
    if (this.text === blank) return
    this.before = this.text
    stored(keyBefore, this.text)
  }

  #read(text: string): void {
    this.text = text
    void this.#take(call('write', { edit: ++this.#edit, text }))
  }

  async #take(asked: Promise<View>): Promise<void> {
    const view = await asked
    // What was typed meanwhile is on its way, and this is not what stands there.
    if (view.edit !== this.#edit) return
    hand.view = view
    if (view.isChanged) this.#keep(view.text)
  }

  #keep(text: string): void {
    this.text = text
    this.isKept = stored(key, text)
  }
}

function stored(name: string, text: string): boolean {
  try {
    localStorage.setItem(name, text)
    return true
  } catch (cause) {
    // The browser has no room for it, or keeps nothing for this page.
    if (cause instanceof DOMException) return false
    throw cause
  }
}

/** The draft of this browser. */
export const draft = new Draft()
