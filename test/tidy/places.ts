import { rule } from './source.ts'

const PLACES: readonly (readonly [place: RegExp, instead: string])[] = [
  [/(?<![\w.@-])\/(root|work|home\/\w+|Users\/\w+)\//, 'make it relative to the repository'],
  [
    /\b(registry\.(npmjs\.org|yarnpkg\.com|npmmirror\.com)|npm\.pkg\.github\.com)\b/,
    "leave the registry to the machine's own settings",
  ],
  [/_authToken|_password\s*=/, 'keep credentials out of the tree'],
]

/** The tree is the same on every machine: no path of one, no registry, no credentials. */
export const noPlaces = rule('no-places', (files, report) => {
  for (const file of files) {
    if (/^test\/tidy(\/|\.test\.ts$)/.test(file.path)) continue
    for (const [place, instead] of PLACES) {
      const found = place.exec(file.text)
      if (found) report(file, `names ${found[0]}; ${instead}`, found.index)
    }
    const url = file.path.endsWith('pnpm-lock.yaml') ? /https?:\/\/\S+/.exec(file.text) : null
    if (url) report(file, `pins ${url[0]}; install by name and hash only`, url.index)
  }
})
