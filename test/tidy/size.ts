import type { Node } from 'oxc-parser'
import { modulesOf, nameOf, rule, walk } from './source.ts'

/** Style says about 300, 70 and 100; these are where "about" ends. */
const FILE_LINES_MAX = 320
const FUNCTION_LINES_MAX = 80
const LINE_COLUMNS_MAX = 100

/** A word of this length (a digest, an address) cannot be broken, so its line may be long. */
const UNBREAKABLE_COLUMNS = 60

/** A file is read in one sitting. */
export const fileLength = rule('file-length', (files, report) => {
  for (const file of files) {
    if (!/\.(ts|svelte)$/.test(file.path)) continue
    const lines = file.text.trimEnd().split('\n').length
    if (lines > FILE_LINES_MAX) {
      report(file, `has ${lines} lines of at most ${FILE_LINES_MAX}; split it by what it is about`)
    }
  }
})

/** A function is seen in one look. The body of a `describe` is a list of tests, not a function. */
export const functionLength = rule('function-length', (files, report) => {
  for (const { file, program } of modulesOf(files)) {
    walk(program, (node, parents) => {
      if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
        return
      if (describes(parents.at(-1))) return
      const lines = file.text.slice(node.start, node.end).split('\n').length
      if (lines <= FUNCTION_LINES_MAX) return
      const why = `a function of ${lines} lines, more than ${FUNCTION_LINES_MAX}; name its parts`
      report(file, why, node.start)
    })
  }
})

/** A line fits on a page. Tables, links, quoted code and what cannot be broken are as they are. */
export const lineLength = rule('line-length', (files, report) => {
  for (const file of files) {
    if (!/\.(ts|md)$/.test(file.path)) continue
    const prose = file.path.endsWith('.md')
    let fenced = false
    let offset = 0
    for (const line of file.text.split('\n')) {
      if (prose && /^\s*(```|~~~)/.test(line)) fenced = !fenced
      const columns = [...line].length
      const exempt = prose && (fenced || /^\s*\||\]\(|https?:/.test(line))
      if (columns > LINE_COLUMNS_MAX && !exempt && !isUnbreakable(line)) {
        report(file, `has ${columns} columns of at most ${LINE_COLUMNS_MAX}; break it`, offset)
      }
      offset += line.length + 1
    }
  }
})

function describes(node: Node | undefined): boolean {
  if (node?.type !== 'CallExpression') return false
  let { callee }: { callee: Node } = node
  while (callee.type === 'MemberExpression' || callee.type === 'CallExpression') {
    callee = callee.type === 'MemberExpression' ? callee.object : callee.callee
  }
  return nameOf(callee) === 'describe'
}

function isUnbreakable(line: string): boolean {
  return line.split(/\s+/).some((word) => word.length > UNBREAKABLE_COLUMNS)
}
