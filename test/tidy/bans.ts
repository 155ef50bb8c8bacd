import type { Node } from 'oxc-parser'
import { isTool } from './house.ts'
import { type Module, modulesOf, nameOf, type Rule, rule, stringOf, walk } from './source.ts'

/** Whoever talks to a person on a terminal. Everybody else logs facts, or returns them. */
const SPEAKERS =
  /^(cli|examples|test\/bench|test\/fuzz|test\/sim|test\/wasm)\/|(^|\/)(emit|scripts)\//

/** Nothing ends the process but its end: what opens, closes. */
export const noExit = onNodes('no-process-exit', (node) => {
  if (node.type === 'ImportDeclaration' && /^(node:)?process$/.test(node.source.value)) {
    return 'imports process; use the global, where the rules can see what is taken from it'
  }
  if (!takenFrom(node, 'process').includes('exit')) return undefined
  return 'calls process.exit; close what is open and return, or set process.exitCode'
})

/** The environment is read once, where configuration is made. */
export const envInConfig = onNodes('env-in-config', (node, { file }) => {
  if (!takenFrom(node, 'process').includes('env')) return undefined
  if (/(^|\/)([\w-]+\.)?config\.ts$/.test(file.path)) return undefined
  return 'reads process.env; read it in config.ts and pass the value in'
})

/** Only what talks to a person writes to the console. */
export const noConsole = onNodes('no-console', (node, { file }) => {
  const [name] = takenFrom(node, 'console')
  if (name === undefined || SPEAKERS.test(file.path)) return undefined
  return `uses console.${name}; log a fact, or return it`
})

/** Exports have names, so that they are called the same everywhere. */
export const namedExports = onNodes('named-exports', (node, { file }) => {
  if (node.type !== 'ExportDefaultDeclaration' || isTool(file.path)) return undefined
  return 'has a default export; give it a name'
})

/** Every test runs, and none of them alone. */
export const everyTestRuns = onNodes('every-test-runs', (node) => {
  if (node.type !== 'MemberExpression') return undefined
  const name = nameOf(node) ?? ''
  if (!/^(skip|only|todo|fails)$/.test(name)) return undefined
  if (!/^(test|it|describe|suite|bench)$/.test(rootOf(node) ?? '')) return undefined
  return `uses .${name}; mend the test or take it away (skipIf is for what a machine lacks)`
})

/** No way around the type checker. */
export const noEscape = onNodes('no-escape', (node) =>
  node.type === 'TSAnyKeyword' ? 'says any; say what it is, or unknown and narrow it' : undefined,
)

/** A caught error is dealt with, or it is not caught. */
export const noEmptyCatch = onNodes('no-empty-catch', (node) => {
  if (node.type === 'CatchClause' && node.body.body.length === 0) {
    return 'catches and goes on; deal with it, or let it pass'
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return undefined
  const [given] = node.arguments
  if (nameOf(node.callee) !== 'catch' || given?.type !== 'ArrowFunctionExpression') return undefined
  const { body } = given
  if (body.type !== 'BlockStatement' || body.body.length > 0) return undefined
  return 'catches and goes on; deal with it, or let it pass'
})

/** Our own modules are never mocked: they are run. */
export const noOwnMocks = onNodes('no-own-mocks', (node) => {
  if (node.type !== 'CallExpression') return undefined
  if (!takenFrom(node.callee, 'vi').some((name) => /^(doM|m)ock$/.test(name))) return undefined
  const [given] = node.arguments
  const path = stringOf(given?.type === 'ImportExpression' ? given.source : given) ?? ''
  if (!/^(\.|@nexapod\/)/.test(path)) return undefined
  return `mocks ${path}, which is ours; run it, or pass in the small interface that it needs`
})

/** What is begun is finished: no notes to come back to, no silenced checker. */
export const noLooseEnds = rule('no-loose-ends', (files, report) => {
  const note = /\b(TODO|FIXME|XXX|HACK)\b/
  for (const { file, comments } of modulesOf(files)) {
    for (const { value, start } of comments) {
      const found = note.exec(value) ?? /@ts-(ignore|expect-error|nocheck)/.exec(value)
      if (found) report(file, `says ${found[0]}; do it now, or leave it out`, start + found.index)
    }
  }
  for (const file of files) {
    if (!/\.(md|sh|ya?ml)$|^\.ci\//.test(file.path) || /^STYLE\.md$/.test(file.path)) continue
    const found = note.exec(file.text)
    if (found) report(file, `says ${found[0]}; do it now, or leave it out`, found.index)
  }
})

/** A rule about single nodes of the syntax tree: says why one is wrong, or nothing. */
function onNodes(name: string, why: (node: Node, module: Module) => string | undefined): Rule {
  return rule(name, (files, report) => {
    for (const module of modulesOf(files)) {
      walk(module.program, (node) => {
        const found = why(node, module)
        if (found) report(module.file, found, node.start)
      })
    }
  })
}

/** Given `process`: `exit` of `process.exit`, `globalThis.process?.exit`, `{ exit } = process`. */
function takenFrom(node: Node, object: string): string[] {
  if (node.type === 'MemberExpression' && nameOf(node.object) === object) {
    return [nameOf(node) ?? '[...]']
  }
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'ObjectPattern') return []
  if (!node.init || nameOf(node.init) !== object) return []
  return node.id.properties.map((each) => (each.type === 'Property' && nameOf(each.key)) || '...')
}

function rootOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') return rootOf(node.object)
  if (node.type === 'CallExpression') return rootOf(node.callee)
  return nameOf(node)
}
