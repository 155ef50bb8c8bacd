import { type Draft, type Refusal, refusalOf, type Source, unresolved } from '@nexapod/specs'
import type { Brought, Files } from './brought.ts'
import { faultOf } from './fault.ts'
import type { Fault, Given, Path } from './told.ts'

/** A source of a draft that has to become a CID, and the file that it is. */
export interface Resolved {
  readonly source: Source
  readonly brought: Brought | undefined
}

/** For each source that has to become a CID the file that was dropped for it, if one was. */
export function resolvedBy(draft: Draft, files: readonly Brought[]): readonly Resolved[] {
  return unresolved(draft).map((source) => ({ source, brought: fileFor(source, files) }))
}

/** The files of a draft: those that it names, and those that it does not. */
export async function givenTo(draft: Draft | undefined, files: Files): Promise<readonly Given[]> {
  const here = await files.all()
  const modules = draft === undefined ? [] : modulesOf(draft)
  const ramBytes = draft?.resources.ramBytes ?? 0
  const given: Given[] = []
  const named = new Set<Brought>()
  for (const { source, brought } of draft === undefined ? [] : resolvedBy(draft, here)) {
    const name = wordsOf(source)
    if (given.some((one) => one.name === name)) continue
    if (brought === undefined) {
      const todo = isDirectory(source) ? 'choose its folder' : 'drop it'
      const detail = `${name} is not here: ${todo}`
      const fault = faultOf(refusalOf('job.unresolved-source', { detail }))
      given.push({ name, isThere: false, isNamed: true, bytes: 0, fault })
      continue
    }
    named.add(brought)
    const isFile = brought.refusal === undefined && !brought.isFolder
    const isModule = modules.includes(source) && isFile
    const refusal = isModule ? await files.whyNoModule(brought, ramBytes) : undefined
    given.push(shown(brought, true, refusal))
  }
  // Of a text that cannot be read nobody knows what it names.
  const isUnread = draft === undefined
  for (const one of here) if (!named.has(one)) given.push(shown(one, isUnread, undefined))
  return given
}

/** Where in a descriptor a source stands that is called like that. */
export function placesOf(draft: Draft, source: Source): readonly Path[] {
  const { executors, inputs, compare } = draft
  return [
    ...executors.flatMap((one, i) => {
      const from = one.type === 'wasm' ? one.module : one.archive
      return from === source ? [['executors', i, one.type === 'wasm' ? 'module' : 'image']] : []
    }),
    ...inputs.flatMap(({ from }, i) => (from === source ? [['inputs', i, 'url']] : [])),
    ...compare.flatMap((rule, i) => {
      return rule.type === 'checker' && rule.module === source ? [['compare', i, 'module']] : []
    }),
  ]
}

/** What a source is called where it is written. */
function wordsOf(source: Source): string {
  if (source.type === 'path') return source.path
  return source.type === 'https' ? source.url : source.type
}

/** Whether only a directory can be meant. */
function isDirectory(source: Source): boolean {
  return source.type === 'path' && (source.below !== undefined || /(^\.|\/)$/.test(source.path))
}

function fileFor(source: Source, files: readonly Brought[]): Brought | undefined {
  if (source.type === 'https') return files.find(({ sha256 }) => sha256 === source.sha256)
  if (source.type !== 'path') return undefined
  const path = source.path.replace(/\/$/, '')
  // What is dropped lies in no folder: the last part of a path is its name.
  const last = path.slice(path.lastIndexOf('/') + 1)
  const fitting = isDirectory(source) ? files.filter(({ isFolder }) => isFolder) : files
  return fitting.find(({ name }) => name === path) ?? fitting.find(({ name }) => name === last)
}

function modulesOf({ executors, compare }: Draft): readonly Source[] {
  const programs = executors.flatMap((one) => (one.type === 'wasm' ? [one.module] : []))
  const checkers = compare.flatMap((rule) => (rule.type === 'checker' ? [rule.module] : []))
  return [...programs, ...checkers]
}

function shown(
  { name, file, cid, refusal: own, isKept }: Brought,
  isNamed: boolean,
  no?: Refusal,
): Given {
  const refusal = own ?? no
  const unkept: Fault | undefined = isKept
    ? undefined
    : faultOf(refusalOf('data.full', { detail: 'it is here only as long as this page is open' }))
  const fault = refusal === undefined ? unkept : faultOf(refusal)
  return {
    ...{ name, isNamed, isThere: true, bytes: file.size },
    ...(cid === undefined ? {} : { cid }),
    ...(fault === undefined ? {} : { fault }),
  }
}
