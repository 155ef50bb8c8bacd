import { rule } from './source.ts'

const VAGUE = /^(utils?|helpers?|common|types|managers?|misc)$/
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/

/** Names that others decide: SvelteKit's routes, and the capitals of a repository's front pages. */
const GIVEN = /^(\+[a-z.]+|\[+(\.\.\.)?[a-z-]+\]+|\([a-z-]+\)|[A-Z]+\.md)$/

/** Files are kebab-case nouns that say what is in them. */
export const fileNames = rule('file-names', (files, report) => {
  for (const file of files) {
    const parts = file.path.split('/')
    const own = /\.(ts|svelte|md|sh|json|ya?ml)$/.test(file.path) ? parts : parts.slice(0, -1)
    for (const part of own) {
      const name = part.replace(/^\./, '')
      const stem = name.split('.')[0] ?? ''
      if (VAGUE.test(stem.split('-').at(-1) ?? '')) {
        report(file, `is called ${part}, which says nothing; name it after what it holds`)
      } else if (!KEBAB.test(name) && !GIVEN.test(name)) {
        report(file, `${part} is not kebab-case; use small letters and hyphens`)
      }
    }
  }
})
