import { type Comment, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser'

/** A file of the tree: where it is, from the root of the repository, and what it says. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** A broken rule: where, which one, and what to do about it. */
export interface Violation {
  readonly file: string
  readonly line?: number
  readonly rule: string
  readonly why: string
}

/** A rule of the house: a name to look up in STYLE.md, and a function from files to violations. */
export interface Rule {
  readonly name: string
  readonly check: (files: readonly SourceFile[]) => Violation[]
}

/** How a rule says no: which file, what to do, and at which offset of its text. */
export type Report = (file: SourceFile, why: string, offset?: number) => void

/** One import, of whatever form, and where its specifier stands. */
export interface Import {
  readonly from: string
  readonly offset: number
  readonly typeOnly: boolean
}

/** A parsed TypeScript file, or the scripts of a Svelte one. */
export interface Module {
  readonly file: SourceFile
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
}

/** Makes a rule of a name and a function that reports what it finds. */
export function rule(
  name: string,
  look: (files: readonly SourceFile[], report: Report) => void,
): Rule {
  const check = (files: readonly SourceFile[]): Violation[] => {
    const found: Violation[] = []
    look(files, (file, why, offset) => {
      const at = offset === undefined ? {} : { line: lineOf(file.text, offset) }
      found.push({ file: file.path, rule: name, why, ...at })
    })
    return found
  }
  return { name, check }
}

/** Writes a violation as one line: `file.ts:12 core-is-pure: uses Date; take the time from ...`. */
export function sentence(violation: Violation): string {
  const line = violation.line === undefined ? '' : `:${violation.line}`
  return `${violation.file}${line} ${violation.rule}: ${violation.why}`
}

/** Parses the files that hold TypeScript, each once however many rules ask. */
export function modulesOf(files: readonly SourceFile[]): Module[] {
  return files.filter((file) => /\.(ts|svelte)$/.test(file.path)).map(moduleOf)
}

/** Visits a syntax tree from the top, with the ancestors of each node, nearest last. */
export function walk(root: Node, enter: (node: Node, parents: readonly Node[]) => void): void {
  const parents: Node[] = []
  const visit = (node: Node): void => {
    enter(node, parents)
    parents.push(node)
    for (const key of visitorKeys[node.type] ?? []) {
      const child: unknown = Reflect.get(node, key)
      for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) visit(each)
    }
    parents.pop()
  }
  visit(root)
}

/** The name of an identifier or of a member chain's last property; undefined for anything else. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Identifier') return node.name
  if (node?.type === 'ChainExpression') return nameOf(node.expression)
  if (node?.type !== 'MemberExpression') return undefined
  if (!node.computed) return nameOf(node.property)
  return stringOf(node.property)
}

/** The value of a string literal, or of a template without holes. */
export function stringOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined
  return node.quasis[0]?.value.cooked ?? undefined
}

const parsed = new WeakMap<SourceFile, Module>()

function moduleOf(file: SourceFile): Module {
  const known = parsed.get(file)
  if (known) return known
  const text = file.path.endsWith('.svelte') ? onlyScripts(file.text) : file.text
  const options = { lang: 'ts', sourceType: 'module' } as const
  const { program, comments, errors } = parseSync(file.path, text, options)
  const broken = errors[0]
  if (broken) throw new Error(`${file.path} does not parse: ${broken.message}`)
  const module = { file, program, comments, imports: importsOf(program) }
  parsed.set(file, module)
  return module
}

/** Blanks the markup of a Svelte file, so that offsets and lines stay true. */
function onlyScripts(text: string): string {
  const blank = (part: string): string => part.replace(/[^\n]/g, ' ')
  let out = ''
  for (const match of text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)) {
    const body = match[1] ?? ''
    const start = match.index + match[0].indexOf('>') + 1
    out += blank(text.slice(out.length, start)) + body
  }
  return out + blank(text.slice(out.length))
}

function importsOf(program: Program): Import[] {
  const found: Import[] = []
  walk(program, (node) => {
    const source = importedBy(node)
    const from = stringOf(source)
    if (!source || from === undefined) return
    const typeOnly =
      node.type === 'TSImportType' ||
      (node.type === 'ImportDeclaration' && node.importKind === 'type') ||
      (node.type === 'ExportNamedDeclaration' && node.exportKind === 'type') ||
      (node.type === 'ExportAllDeclaration' && node.exportKind === 'type')
    found.push({ from, offset: source.start, typeOnly })
  })
  return found
}

function importedBy(node: Node): Node | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node.source
    case 'ExportNamedDeclaration':
      return node.source ?? undefined
    case 'CallExpression':
      return nameOf(node.callee) === 'require' ? node.arguments[0] : undefined
    default:
      return undefined
  }
}

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
