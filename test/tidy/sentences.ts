import type { Node } from 'oxc-parser'
import { isTest, isTool } from './house.ts'
import { type Module, modulesOf, nameOf, rule } from './source.ts'

/** Each export has one sentence, right above it. */
export const exportSentence = rule('export-has-a-sentence', (files, report) => {
  for (const module of modulesOf(files)) {
    if (isTest(module.file.path) || isTool(module.file.path)) continue
    const said = new Set<string>()
    const exported = exportedNames(module)
    for (const node of module.program.body) {
      const isExport = node.type === 'ExportNamedDeclaration'
      const names = declaredBy(isExport ? node.declaration : node)
      if (!isExport && !names.some((name) => exported.has(name))) continue
      if (names.length === 0 || names.every((name) => said.has(name))) continue
      for (const name of names) said.add(name)
      if (hasSentence(module, node)) continue
      const why = `exports ${names.join(', ')} without a sentence; say in /** ... */ what it is`
      report(module.file, why, node.start)
    }
  }
})

/** Names that a file exports in a list, apart from their declarations. */
function exportedNames({ program }: Module): Set<string> {
  const names = new Set<string>()
  for (const node of program.body) {
    if (node.type !== 'ExportNamedDeclaration' || node.source) continue
    for (const each of node.specifiers) names.add(nameOf(each.local) ?? '')
  }
  return names
}

/** What a statement declares. A type beside its value, or a second overload, has the same name. */
function declaredBy(node: Node | null): string[] {
  if (!node) return []
  if (node.type === 'VariableDeclaration') {
    return node.declarations.map(({ id }) => nameOf(id) ?? 'a pattern')
  }
  const id: unknown = Reflect.get(node, 'id')
  const name = typeof id === 'object' && id !== null ? Reflect.get(id, 'name') : undefined
  return typeof name === 'string' ? [name] : []
}

function hasSentence({ file, comments }: Module, node: Node): boolean {
  const above = comments.findLast((comment) => comment.end <= node.start)
  if (above?.type !== 'Block' || !/^\*[\s\S]*\w/.test(above.value)) return false
  return file.text.slice(above.end, node.start).trim() === ''
}
