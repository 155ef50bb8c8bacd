import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { rows } from './figures.ts'

/** What is said of all commands. */
export function help(name: string): string {
  const list = commands.map(({ name: command, about }) => [command, about] as const)
  return `Look at the directory of a ledger, prove what it holds, copy it, and mend it.

usage: ${name} COMMAND ...

${rows(list, '  ')}
${name} COMMAND --help says more. Data goes to stdout, progress and errors to stderr.
Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 130 interrupted.
`
}

/** What is said of one command. */
export function helpOf(name: string, { name: command, ...said }: Command): string {
  const { usages, about, more, options } = said
  const ways = usages.map((usage, i) => {
    return [i === 0 ? 'usage:' : '', `${name} ${command} ${usage}`] as const
  })
  const list = Object.entries(options).map(([option, { value, about: does }]) => {
    return [`--${option}${value === undefined ? '' : ` ${value}`}`, does] as const
  })
  const first = `${about[0]?.toUpperCase()}${about.slice(1)}.`
  return `${first}\n\n${ways.map(([label, way]) => `${label.padEnd(6)} ${way}\n`).join('')}
${more.map((line) => `${line}\n`).join('')}
${rows([...list, ['--help', 'Say this.']], '  ')}`
}
