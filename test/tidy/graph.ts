import { resolverOf } from './house.ts'
import { modulesOf, rule } from './source.ts'

/** A relative import says the whole name of the file, so that the runtime need not guess. */
export const wholeNames = rule('whole-names', (files, report) => {
  for (const { file, imports } of modulesOf(files)) {
    for (const { from, offset } of imports) {
      if (!from.startsWith('.') || /\.(ts|svelte|json|css|svg|wasm)(\?\w+)?$/.test(from)) continue
      report(file, `imports ${from}; relative imports end in .ts`, offset)
    }
  }
})

/** No file reaches itself through its imports. */
export const noCircles = rule('no-circles', (files, report) => {
  const modules = modulesOf(files)
  const resolve = resolverOf(files)
  const edges = new Map(
    modules.map(({ file, imports }) => [
      file.path,
      imports.flatMap(({ from }) => resolve(file.path, from) ?? []),
    ]),
  )
  for (const circle of circlesOf(edges)) {
    const file = modules.find((module) => module.file.path === circle[0])?.file
    if (!file) continue
    const way = [...circle, circle[0]].join(' -> ')
    report(file, `goes in a circle (${way}); move what both need into a file of its own`)
  }
})

/** Circles by depth-first search, one for each edge that leads back to the current path. */
function circlesOf(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const way: string[] = []
  const visit = (path: string): void => {
    const back = way.indexOf(path)
    if (back >= 0) circles.push(turned(way.slice(back)))
    if (back >= 0 || done.has(path)) return
    way.push(path)
    for (const next of edges.get(path) ?? []) visit(next)
    way.pop()
    done.add(path)
  }
  for (const path of edges.keys()) visit(path)
  return circles
}

/** A circle has no beginning; told from its first name on, it reads the same from every side. */
function turned(circle: string[]): string[] {
  const first = circle.indexOf([...circle].sort()[0] ?? '')
  return [...circle.slice(first), ...circle.slice(0, first)]
}
