/** The command line of the ledger: one function, for a process of its own or a larger command. */
import { Given, type Mistyped, parse } from './command.ts'
import { commands } from './commands.ts'
import { help, helpOf } from './help.ts'
import { Interruption, print, type Shell, typed } from './shell.ts'
import { exits, report, type Trouble } from './trouble.ts'

export { Interruption, type Shell }

/** Does what was typed, and gives what the process is to end with. */
export async function ledgerCommand(args: readonly string[], shell: Shell): Promise<number> {
  try {
    const trouble = await run(args, shell)
    if (trouble === undefined) return exits.ok
    // What was killed on its way says that it failed: that is no news about a disk.
    shell.signal.throwIfAborted()
    return await reported(shell, trouble, args)
  } catch (error) {
    if (shell.signal.aborted) return interrupted(shell)
    const { ofMachine } = await import('./machine.ts')
    const trouble = ofMachine(error)
    if (trouble === undefined) throw error
    return await reported(shell, trouble, args)
  }
}

async function run(args: readonly string[], shell: Shell): Promise<Trouble | undefined> {
  const [first = ''] = args
  const wantsHelp = args.some((word) => word === '--help' || word === '-h') || first === 'help'
  const name = (first === 'help' ? args.slice(1) : args).find((word) => !word.startsWith('-'))
  if (name === undefined && (wantsHelp || args.length === 0)) {
    await print(shell, help(shell.name))
    return undefined
  }
  const command = commands.find((one) => one.name === name)
  if (command === undefined) {
    const known = commands.map((one) => one.name)
    const word = name ?? first
    const why = `these are the commands: ${known.join(', ')}`
    const unknown = { word, known }
    return await mistyped(shell, { what: `There is no command "${word}".`, why, unknown }, args, [])
  }
  if (wantsHelp) {
    await print(shell, helpOf(shell.name, command))
    return undefined
  }
  const others = args.filter((_, i) => i !== args.indexOf(command.name))
  if (command.name !== first) {
    const next = [typed(shell, command.name, ...others)]
    const why = `${first} stands before ${command.name}`
    return { exit: exits.usage, what: 'The command comes first.', why, next }
  }
  const given = parse(command, others)
  if (!(given instanceof Given)) return await mistyped(shell, given, args, [command.name])
  const does = await command.load()
  return await does(given, shell)
}

async function reported(shell: Shell, trouble: Trouble, args: readonly string[]): Promise<number> {
  await report(shell, trouble, args.includes('--json'))
  return trouble.exit
}

function interrupted({ signal, stderr }: Shell): number {
  const reason = signal.reason instanceof Interruption ? signal.reason : undefined
  const said = reason?.message ?? 'Interrupted.'
  if (said !== '') stderr.write(`${said}\n`)
  return reason?.exit ?? exits.interrupted
}

/** What was mistyped, and it again with the nearest word that is known. */
async function mistyped(
  shell: Shell,
  { what, why, unknown }: Mistyped,
  args: readonly string[],
  command: readonly string[],
): Promise<Trouble> {
  const { nearest } = await import('@nexapod/specs')
  const near = unknown && nearest(unknown.word, unknown.known)
  const help = typed(shell, ...command, '--help')
  if (near === undefined) return { exit: exits.usage, what, why, next: [help] }
  const again = args.map((word) => {
    return word === unknown?.word ? near : word.replace(`${unknown?.word}=`, `${near}=`)
  })
  return { exit: exits.usage, what, why: `the nearest is ${near}`, next: [typed(shell, ...again)] }
}
