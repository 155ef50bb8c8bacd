import { type Command, Option } from 'commander'
import type { AddVerb } from './verb.ts'

const keeps = 'its key, its journal and its data'

/** The verbs of a node: to lend this machine, and to stay in control of it. */
export function nodes(program: Command, verb: AddVerb): void {
  const node = program.command('node').description('lend this machine, and stay in control of it')
  verb(node, 'up', 'lend it until Ctrl-C, which lets it finish what it runs', async () => {
    return (await import('./commands/up.ts')).nodeUp
  })
    .option('--dir <directory>', keeps)
    .option('--limits <file>', 'what is lent, as JSON; else limits.json in its directory')
    .option('--gateway <url...>', 'where a coordinator gives public data')
    .option('--page [port]', 'a page for you on this machine; its address is in the status')
    .option('--yes', 'agree to what is lent, without being asked')
  asked(node, verb)
  limits(node, verb)
  owned(node, verb)
  verb(node, 'doctor', 'whether this machine can lend itself, and what to do', async () => {
    return (await import('./commands/doctor.ts')).doctor
  }).option('--dir <directory>', 'where the node keeps it')
  verb(node, 'benchmark', 'what it computes, by a module whose answer is known', async () => {
    return (await import('./commands/benchmark.ts')).benchmark
  })
  verb(node, 'install', 'a file that has the system lend it; printed, or written', async () => {
    return (await import('./commands/install.ts')).install
  })
    .addOption(new Option('--for <system>', 'else this one').choices(['linux', 'macos', 'windows']))
    .option('--write', 'put it where the system looks, and say what to type then')
    .option('--dir <directory>', keeps)
    .option('--limits <file>', 'what is lent, as JSON; else limits.json in its directory')
    .option('--page [port]', 'a page for you on this machine')
}

/** What a node that runs is asked, at its door. */
function asked(node: Command, verb: AddVerb): void {
  const doors = () => import('./commands/node.ts')
  const here = (command: Command) => command.option('--dir <directory>', 'where the node keeps it')
  here(
    verb(node, 'status', 'what it runs, for whom, or why it is idle', async () => {
      return (await doors()).status
    }),
  )
    .option('--credit', 'and what it earned, counted from the chain')
    .option('--watch', 'again every two seconds, until Ctrl-C')
  here(verb(node, 'pause', 'let it stand still', async () => (await doors()).pause))
  here(verb(node, 'resume', 'let it lend itself again', async () => (await doors()).resume))
  here(
    verb(node, 'finish', 'let it end behind its last result', async () => (await doors()).finish),
  )
}

function limits(node: Command, verb: AddVerb): void {
  const load = () => import('./commands/limits.ts')
  const here = (command: Command) => {
    return command
      .option('--dir <directory>', 'where the node keeps it')
      .option('--limits <file>', 'where they are; else limits.json in that directory')
  }
  const all = here(
    verb(node, 'limits', 'what is lent, and where each of it was said', async () => {
      return (await load()).limits
    }),
  )
  here(
    verb(all, 'set <key> <value...>', 'say one; a node that runs has it at once', async () => {
      return (await load()).set
    }),
  )
  here(verb(all, 'unset <key>', 'say it no more: it is as usual', async () => (await load()).unset))
  here(
    verb(all, 'reload', 'have the node that runs read the file again', async () => {
      return (await load()).reload
    }),
  )
}

/** Whose the node is. */
function owned(node: Command, verb: AddVerb): void {
  const load = () => import('./commands/claim.ts')
  verb(node, 'claim', 'make the node of this machine yours', async () => (await load()).claim)
    .option('--dir <directory>', keeps)
    .option(
      '--owner-key <file>',
      'whose it is, by a file with the secret, or - for stdin; else you',
    )
  verb(node, 'release <node>', 'end that a node is yours', async () => (await load()).release)
}
