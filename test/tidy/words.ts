import { modulesOf, rule, walk } from './source.ts'

/** The "never called" column of the word table, as far as a machine can tell the meanings apart. */
const NEVER: readonly (readonly [word: string, never: RegExp])[] = [
  ['mesh', /\bswarms?\b|(?<!\b(kubernetes|hpc) )\bclusters?\b/],
  ['node', /\b(worker|client|agent) nodes?\b/],
  ['owner', /\baccount holders?\b|\buser accounts?\b/],
  ['coordinator', /\bmasters?\b/],
  ['publisher', /\b(submitt|request)[eo]rs?\b/],
  ['unit', /\bwork ?units?\b|\bsub ?jobs?\b/],
  ['result', /\boutput hash(es)?\b/],
  ['receipt', /\bsubmissions?\b/],
  ['credit', /\bcoins?\b|\bcredit (point|token)s?\b/],
  ['reputation', /\b(trust|reputation) scores?\b/],
  ['wall', /\bleader ?boards?\b/],
]

/** Words that prose needs for other things, but that no identifier may be called. */
const NEVER_IN_CODE: readonly (readonly [word: string, never: RegExp])[] = [
  ['mesh', /\bfabric\b/],
  ['quorum', /\bconsensus\b/],
]

/** Where the banned words are defined. */
const DEFINES = /^(STYLE|ARCHITECTURE)\.md$|^test\/tidy(\/|\.test\.ts$)/

/** One word for each thing, in code, comments and prose alike. */
export const oneWord = rule('one-word', (files, report) => {
  for (const file of files) {
    if (!/\.(ts|svelte|md)$/.test(file.path) || DEFINES.test(file.path)) continue
    for (const { line, offset } of proseOf(file.path, file.text)) {
      const plain = plainOf(line)
      for (const [word, never] of NEVER) {
        const found = never.exec(plain)
        if (found) report(file, `says "${found[0]}"; the word is ${word}`, offset)
      }
    }
  }
  for (const { file, program } of modulesOf(files)) {
    if (DEFINES.test(file.path)) continue
    walk(program, (node) => {
      if (node.type !== 'Identifier') return
      const plain = plainOf(node.name)
      for (const [word, never] of NEVER_IN_CODE) {
        if (never.test(plain))
          report(file, `is called ${node.name}; the word is ${word}`, node.start)
      }
    })
  }
})

/** `workUnit`, `work_unit` and `work-unit` are all "work unit". */
function plainOf(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
}

/** The lines of a file, but for the code that a page of prose quotes: it may be another's. */
function proseOf(path: string, text: string): { line: string; offset: number }[] {
  const lines: { line: string; offset: number }[] = []
  let fenced = false
  let offset = 0
  for (const line of text.split('\n')) {
    const fence = path.endsWith('.md') && /^\s*(```|~~~)/.test(line)
    if (fence) fenced = !fenced
    if (!fence && !fenced) lines.push({ line, offset })
    offset += line.length + 1
  }
  return lines
}
