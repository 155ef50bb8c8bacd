/**
 * Loaded before a program (`node --import mistake.ts?name=NAME`), this has it run with a mistake in
 * it, in this process and those that it begins: nothing is written anywhere.
 */
import { registerHooks } from 'node:module'
import { mutated } from '../sim/mutate/mutation.ts'
import { mutationsOf } from './mistakes.ts'

const name = new URL(import.meta.url).searchParams.get('name') ?? ''
const made = mutationsOf(name)
if (made === undefined) throw new Error(`no mistake is called ${name}`)

const files = Map.groupBy(made, ({ file }) => {
  return new URL(`../../${file}`, import.meta.url).href
})

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const mutations = files.get(url)
    if (mutations === undefined) return loaded
    const source = new TextDecoder().decode(loaded.source as Uint8Array)
    const broken = mutations.reduce((so, one) => mutated(so, { ...one, name, rule: name }), source)
    return { ...loaded, source: broken }
  },
})
