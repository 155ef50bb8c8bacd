import type { Signer } from '@nexapod/specs'
import { order, release, request } from '../key/asking.ts'
import { openDatabase } from '../key/database.ts'
import { Keyring } from '../key/keyring.ts'
import { Draft } from './draft.ts'
import { publish } from './publishing.ts'
import { resultsOf } from './results.ts'
import { resolvedBy } from './sources.ts'
import type { Asked, Progress, Told, Tried, Verbs } from './told.ts'

const database = openDatabase()
const keyring = new Keyring(database)
const draft = new Draft(database, (view) => tell({ type: 'view', view }))

let base = ''
let going = new AbortController()

/** What this worker does for its page: nobody else sees the key. */
const verbs: Verbs = {
  begin: async (at) => {
    base = at
  },
  write: ({ edit, text }) => draft.write(edit, text),
  set: ({ edit, path, value }) => draft.set(edit, path, value),
  add: ({ edit, path, key }) => draft.add(edit, path, key),
  remove: ({ edit, path }) => draft.remove(edit, path),
  drop: ({ edit, files, path }) => draft.drop(edit, files, path),
  dropFolder: ({ edit, files }) => draft.dropFolder(edit, files),
  discard: ({ edit, name }) => draft.discard(edit, name),
  offer: (cursor) => draft.offer(cursor),
  stop: async () => going.abort(),
  mine: () => keyring.mine(),
  make: () => keyring.make(),
  bring: (file) => keyring.bring(file),
  copy: () => keyring.copy(),
  forget: () => keyring.forget(),
  async publish() {
    const signer = await keyring.signer()
    if (!signer.ok) return signer
    const here = await draft.files.looked()
    const faults = await draft.missing(here)
    const { draft: said } = draft.written
    if (faults.length > 0 || said === undefined) return { ok: false, faults }
    return await whileItGoes((signal) => {
      const sources = resolvedBy(said, here)
      const ground = { base, signer: signer.value, draft: said, sources, now, tell: progress }
      return database.then((rows) => publish({ ...ground, database: rows }, signal))
    })
  },
  results: ({ job, files }) => {
    return whileItGoes((signal) => resultsOf(base, job, files, progress, signal))
  },
  ask: (act) => signed((signer) => request({ base, signer, now }, act)),
  release: (node) => signed((signer) => release({ base, signer, now }, node)),
  order: (given) => signed((signer) => order({ base, signer, now }, given)),
}

async function signed<T>(act: (signer: Signer) => Promise<Tried<T>>): Promise<Tried<T>> {
  const signer = await keyring.signer()
  return signer.ok ? await act(signer.value) : signer
}

async function whileItGoes<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  going = new AbortController()
  try {
    return await act(going.signal)
  } finally {
    tell({ type: 'progress', progress: undefined })
  }
}

function progress(so: Progress): void {
  tell({ type: 'progress', progress: so })
}

function now(): number {
  return Math.round(performance.timeOrigin + performance.now())
}

function tell(told: Told): void {
  postMessage(told)
}

// What breaks here is told to the page, where nobody would see it otherwise.
addEventListener('unhandledrejection', ({ reason }) => reportError(reason))

// Changes are made in the order in which they were asked for.
let before: Promise<unknown> = Promise.resolve()
const atOnce: readonly string[] = ['stop', 'publish', 'results']

addEventListener('message', ({ data: { id, verb, given } }: MessageEvent<Asked>) => {
  const act = verbs[verb] as (given: unknown) => Promise<unknown>
  const asked = atOnce.includes(verb) ? act(given) : before.then(() => act(given))
  if (!atOnce.includes(verb)) before = asked
  void asked.then((said) => tell({ type: 'said', id, said }))
})
