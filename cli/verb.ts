import type { Command } from 'commander'
import type { Desk, Form } from './desk.ts'
import type { Trouble } from './trouble.ts'

/** What was typed with a verb. */
export interface Given {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly form: Form
}

/** What a verb does; undefined says that it is done. */
export type Verb = (given: Given, desk: Desk) => Promise<Trouble | undefined>

/** A verb that is loaded when it is called: whoever wants help does not wait for a network. */
export type Load = () => Promise<Verb>

/** Adds a verb below a command. */
export type AddVerb = (of: Command, usage: string, about: string, load: Load) => Command
