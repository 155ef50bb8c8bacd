/**
 * Loaded before a program (`node --import mistake.ts?name=NAME`), this has it run with a mistake in
 * it, in this process and those that it begins: nothing is written anywhere.
 */
import { breakRule } from '../sim/mutate/breaking.ts'
import { mutationsOf } from './mistakes.ts'

const name = new URL(import.meta.url).searchParams.get('name') ?? ''
const made = mutationsOf(name)
if (made === undefined) throw new Error(`no mistake is called ${name}`)

breakRule(name, name, made)
