/** Loaded before a program (`node --import mistake.ts?name=NAME`), this breaks a rule in it. */
import { controls } from '../sim/bank/controls.ts'
import { breakRule } from '../sim/mutate/breaking.ts'

const wanted = new URL(import.meta.url).searchParams.get('name')
const control = controls.find(({ name }) => name === wanted)
if (control === undefined) throw new Error(`no control is called ${wanted}`)
breakRule(control.name, control.rule, control.edits)
