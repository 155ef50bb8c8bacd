import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

/** Where what is served goes, and where files on the way are: two builds do not share those. */
const out = process.env.NEXAPOD_WALL_OUT ?? 'built/site'
const work = process.env.NEXAPOD_WALL_WORK ?? '.svelte-kit'

const pages = adapter({ pages: out, assets: out })

export default defineConfig({
  build: { target: 'es2022' },
  worker: { format: 'es' },
  plugins: [
    sveltekit({
      adapter: { ...pages, adapt: (builder) => adapted(builder) },
      outDir: work,
      // One page answers all addresses: what stands behind `#` is no request, so that any folder
      // of any server or gateway will do.
      router: { type: 'hash' },
      // All pages together are smaller than one picture: one file is here sooner than thirty.
      output: { bundleStrategy: 'single' },
      version: { name: '1', pollInterval: 0 },
    }),
  ],
})

type Builder = Parameters<typeof pages.adapt>[0]

/** Moves the script that the page begins with into a file: its policy allows no other. */
async function adapted(builder: Builder): Promise<void> {
  await pages.adapt(builder)
  const page = join(out, 'index.html')
  const html = await readFile(page, 'utf8')
  const [whole = '', script = ''] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? []
  if (whole === '') throw new Error('the page begins without a script')
  const moved = script.replaceAll(/"[^"]*_app\/immutable\//g, '"./')
  const name = createHash('sha256').update(moved).digest('base64url').slice(0, 8)
  const path = `_app/immutable/boot.${name}.js`
  await writeFile(join(out, path), moved)
  const local = html.replace(whole, () => `<script src="./${path}"></script>`)
  await writeFile(page, local.replaceAll('href="/', 'href="./'))
}
