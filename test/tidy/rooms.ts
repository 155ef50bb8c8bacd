import {
  FREE_ROOMS,
  HALVES,
  isTest,
  ROOMS,
  relativeTo,
  resolverOf,
  roomOf,
  SCOPE,
} from './house.ts'
import { type Module, modulesOf, rule } from './source.ts'

/** A room imports only the rooms that the table in house.ts lets it see. */
export const roomSees = rule('room-sees', (files, report) => {
  for (const { file, imports } of modulesOf(files)) {
    const room = roomOf(file.path)
    if (room === '' || FREE_ROOMS.includes(room)) continue
    const sees = ROOMS[room]
    if (!sees) {
      report(file, `${room}/ is no room of the house; add it to ROOMS in test/tidy/house.ts`)
      continue
    }
    for (const { from, offset } of imports) {
      if (!from.startsWith(SCOPE)) continue
      const seen = halfOf(from.slice(SCOPE.length))
      if (roomOf(`${seen}/`) === room || sees.includes(seen)) continue
      const may = sees.length === 0 ? 'nothing of ours' : `only ${sees.join(', ')}`
      report(file, `imports ${from}, but ${room} may see ${may}`, offset)
    }
  }
})

/** What crosses rooms goes through a package's face, never by a path; nobody imports test/. */
export const faceOnly = rule('face-only', (files, report) => {
  for (const { file, imports } of modulesOf(files)) {
    const room = roomOf(file.path)
    if (room === '' || room === 'test') continue
    for (const { from, offset } of imports) {
      if (!from.startsWith('.')) continue
      const path = relativeTo(file.path, from)
      const to = roomOf(path)
      if (isTest(path) && !isTest(file.path)) {
        report(file, `imports ${from}, which is a test; nothing but tests imports tests`, offset)
      }
      if (to === room) continue
      const instead = to in ROOMS ? `import ${SCOPE}${to}` : 'move what you need into this room'
      report(file, `reaches into ${to || 'the root'} by path (${from}); ${instead}`, offset)
    }
  }
})

/** The shell knows the core; the core never knows the shell. */
export const shellSeesCore = rule('shell-sees-core', (files, report) => {
  for (const { file, imports } of modulesOf(files)) {
    if (!/\/core\//.test(file.path)) continue
    for (const { from, offset } of imports) {
      if (!from.startsWith('.') || !relativeTo(file.path, from).includes('/shell/')) continue
      report(file, `imports ${from}; return an effect and let the shell perform it`, offset)
    }
  }
})

/** Whatever a browser half reaches, however far away, must run in a tab: no `node:` module. */
export const browserHalf = rule('browser-half', (files, report) => {
  const modules = new Map(modulesOf(files).map((module) => [module.file.path, module]))
  const resolve = resolverOf(files)
  const reached = new Set<Module>()
  const reach = (module: Module | undefined): void => {
    if (!module || reached.has(module)) return
    reached.add(module)
    for (const { from, typeOnly } of module.imports) {
      const path = resolve(module.file.path, from)
      if (path !== undefined && !typeOnly) reach(modules.get(path))
    }
  }
  for (const [path, module] of modules) if (/^(mesh|node)\/browser\//.test(path)) reach(module)
  for (const { file, imports } of reached) {
    for (const { from, offset, typeOnly } of imports) {
      if (typeOnly || !from.startsWith('node:')) continue
      report(file, `imports ${from}, but a browser half reaches this file; pass it in`, offset)
    }
  }
})

function halfOf(name: string): string {
  const half = HALVES.find((each) => name === each || name.startsWith(`${each}/`))
  return half ?? roomOf(`${name}/`)
}
