import { Command, type CommanderError, Option } from 'commander'
import type { Desk, Form } from './desk.ts'
import { nodes } from './node-verbs.ts'
import type { Trouble } from './trouble.ts'
import type { AddVerb, Load } from './verb.ts'

/** Where it is put what a verb came to. */
export interface Outcome {
  form?: Form
  trouble?: Trouble | undefined
}

/** The tree of all that can be typed; nothing behind it is loaded yet. */
export function programOf(desk: Desk, outcome: Outcome): Command {
  const program = new Command('nexapod')
    .description('Volunteer computing for science that nobody has to take on trust.')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => desk.stdout.write(text),
      writeErr: (text) => desk.stderr.write(text),
    })
    .addHelpText('after', '\nBegin with: nexapod demo')
  withCommon(program)
  const verb = (of: Command, usage: string, about: string, load: Load) => {
    const command = withCommon(of.command(usage).description(about))
    return command.action(async (...all: unknown[]) => {
      const words = all
        .slice(0, -2)
        .flat()
        .filter((word) => word !== undefined) as string[]
      const options: Record<string, unknown> = command.optsWithGlobals()
      const form = options.json === true ? 'json' : ((options.output ?? 'table') as Form)
      outcome.form = form
      outcome.trouble = await (await load())({ words, options, form }, desk)
    })
  }
  jobs(program.command('job').description('publish jobs, follow them, take their results'), verb)
  verb(program, 'run <module> [args...]', 'one unit of a module, as if it ran here', async () => {
    return (await import('./commands/run.ts')).run
  })
    .option('--quorum <n>', 'how many equal results are needed', '2')
    .usage('[options] MODULE.wasm -- ARGS')
    .passThroughOptions()
  verb(program, 'verify <path>', 'results, or the proof of a fork, offline', async () => {
    return (await import('./commands/verify.ts')).verify
  })
    .option('--rerun <n>', 'run so many of their units again here, and compare')
    .option('--data <directory>', 'where modules and inputs lie that did not come with them')
  nodes(program, verb)
  coordinators(program, verb)
  things(program, verb)
  program
    .command('ledger')
    .description("look after a ledger's directory: audit, show, proof, certificate, verify, ...")
    .helpOption(false)
    .allowUnknownOption()
    .argument('[args...]')
    .passThroughOptions()
    .action(async (args: string[]) => {
      const { ledger } = await import('./commands/ledger.ts')
      outcome.trouble = await ledger(args, desk)
    })
  pointing(program, 'nexapod')
  return program
}

/** Whoever types something wrong is told where the help of just that is. */
function pointing(command: Command, typed: string): void {
  command.showHelpAfterError(`  next  ${typed} --help`)
  for (const below of command.commands) pointing(below, `${typed} ${below.name()}`)
}

const forms: readonly Form[] = ['table', 'json', 'yaml']

/** What may be said with every verb, before it or behind it. */
function withCommon(command: Command): Command {
  return command
    .option('--mesh <invitation>', 'the mesh, as nexapod://mesh/... (else NEXAPOD_MESH, or joined)')
    .addOption(new Option('-o, --output <form>', 'how data is written').choices(forms))
    .option('--json', 'the same as -o json')
}

function jobs(job: Command, verb: AddVerb): void {
  const load = () => import('./commands/job.ts')
  verb(job, 'submit <file>', 'publish a job', async () => (await load()).submit)
    .option('--wait', 'until it has ended, then take its results')
    .option('--follow', 'until it has ended, with a line each time that it is further')
    .option('--dry-run', 'all but the last step: nothing is sent')
    .option('--id-only', 'say nothing but its id')
    .option('--to <directory>', 'where its results go; else a folder of its name')
    .option('--coordinator <key>', 'who shall have it (else NEXAPOD_COORDINATOR, or by a hash)')
  verb(job, 'validate <file>', 'read a descriptor, and say what is wrong with it', async () => {
    return (await load()).validate
  })
  verb(job, 'list', 'jobs that were published from here', async () => (await load()).list)
  verb(job, 'show <id>', 'how far a job is', async () => (await load()).show)
    .option('--wait', 'until it has ended')
    .option('--follow', 'until it has ended, with a line each time that it is further')
  verb(job, 'why <id> [unit]', 'why a job waits, or one of its units', async () => {
    return (await load()).why
  })
  verb(job, 'results <id>', 'what a job gave, verified', async () => (await load()).results).option(
    '--to <directory>',
    'where it goes; else a folder of its name',
  )
  verb(job, 'cancel <id>', 'end a job; what was decided stays', async () => (await load()).cancel)
}

function coordinators(program: Command, verb: AddVerb): void {
  const coordinator = program.command('coordinator').description('hold a mesh together')
  verb(coordinator, 'up', 'coordinate until Ctrl-C', async () => {
    return (await import('./commands/up.ts')).coordinatorUp
  })
    .option('--dir <directory>', 'its key, its ledger, its data')
    .option('--listen <address...>', 'a multiaddr; else /ip4/0.0.0.0/tcp/4001')
    .option('--announce <address...>', 'what others dial instead, behind a router')
    .option('--mesh-file <file>', 'a mesh that its members have signed; else one is founded')
    .option('--join <invitation>', 'a mesh that is there: it begins when the roster names it')
    .option('--name <name>', 'what a mesh that is founded is called')
    .option('--rates <json>', 'what differs from the usual rate card of a mesh that is founded')
    .option('--http <host:port>', 'where its HTTP API is; without it there is none')
    .option('--origin <origin...>', 'pages that may ask there, beside its own')
  verb(coordinator, 'status', 'who coordinates, and where their chains stand', async () => {
    return (await import('./commands/coordinator.ts')).status
  }).option('--http <url>', 'and what the HTTP API of one of them says of nodes and jobs')
  rosters(coordinator.command('roster').description('who coordinates, and how that changes'), verb)
}

function rosters(roster: Command, verb: AddVerb): void {
  verb(roster, 'show', 'the members, and which changes each of them knows', async () => {
    return (await import('./commands/roster.ts')).show
  })
  verb(roster, 'propose <file>', 'write a change, for its signers', async () => {
    return (await import('./commands/proposing.ts')).propose
  })
    .option('--add <key@address...>', 'a new member, or other addresses of one')
    .option('--remove <key...>', 'a member that goes')
    .option('--quorum <n>', 'how many must sign what follows; else the least that is safe')
    .option('--rates <json>', 'what differs from the rate card of now; a change of its own')
    .option('--signer <key...>', 'who signs it; else a quorum of those that answer')
    .option('--dir <directory>', 'the coordinator here, who signs first')
  verb(roster, 'sign <file>', 'sign it with the key of the coordinator here', async () => {
    return (await import('./commands/signing.ts')).sign
  })
    .option('--dir <directory>', 'where that key is')
    .option('--publish', 'and bring it to all members, when all of its signers have signed')
}

function things(program: Command, verb: AddVerb): void {
  const mesh = program.command('mesh').description('which mesh this is about')
  const meshes = () => import('./commands/mesh.ts')
  verb(mesh, 'join <invitation>', 'remember a mesh, for all commands', async () => {
    return (await meshes()).join
  })
  verb(mesh, 'found <file>', 'a mesh of several coordinators whose keys are here', async () => {
    return (await import('./commands/found.ts')).found
  })
    .option('--member <directory@address...>', 'who coordinates: where its key is, and its address')
    .option('--name <name>', 'what it is called', 'mesh')
    .option('--rates <json>', 'what differs from the usual rate card')
    .option('--quorum <n>', 'how many must sign; else the least that is safe')
  verb(mesh, 'show', 'the mesh, and who coordinates it', async () => (await meshes()).show)
  const key = program.command('key').description('the key that signs your jobs')
  const keys = () => import('./commands/key.ts')
  verb(key, 'show', 'who you are; the key is made at first use', async () => (await keys()).show)
  verb(key, 'export', 'the secret, to be kept where it is safe', async () => {
    return (await keys()).exportKey
  })
  verb(key, 'import <file>', 'a secret that was exported; - is stdin', async () => {
    return (await keys()).importKey
  })
  const config = program.command('config').description('what is set, and by what')
  verb(config, 'explain', 'each setting, and what said so', async () => {
    return (await import('./commands/config.ts')).explain
  })
  const data = program.command('data').description('files and directories by CID')
  verb(
    data,
    'add <path...>',
    'give files to a coordinator, which keeps them for a week',
    async () => {
      return (await import('./commands/data-add.ts')).add
    },
  )
    .option('--http <url>', 'where the HTTP API of the coordinator is')
    .option('--dry-run', 'say the CIDs alone, of directories as well')
  verb(data, 'get <cid>', 'fetch it from the coordinators', async () => {
    return (await import('./commands/data.ts')).get
  }).option('--to <path>', 'where it goes; else a file or folder of that name')
  const wall = program.command('wall').description('what the public sees')
  verb(
    wall,
    'publish <directory>',
    'the wall as it is now, as files that need nobody',
    async () => {
      return (await import('./commands/wall.ts')).publish
    },
  ).option('--http <url>', 'where the HTTP API of the coordinator is')
  const credit = program.command('credit').description('what was earned')
  verb(credit, 'balance [owner]', 'what an owner has, counted from the chain', async () => {
    return (await import('./commands/credit.ts')).balance
  })
  verb(credit, 'history [owner]', 'all that came and went, and what became of it', async () => {
    return (await import('./commands/credit.ts')).history
  })
  verb(
    credit,
    'verify [owner]',
    'that it follows from the chain, and who signed that',
    async () => {
      return (await import('./commands/credit.ts')).verify
    },
  )
  verb(credit, 'move <amount>', 'to another chain, where it can be spent then', async () => {
    return (await import('./commands/move.ts')).move
  })
    .requiredOption('--from <chain>', 'the chain that it leaves, or how its id begins')
    .requiredOption('--to <chain>', 'the chain that it goes to')
  verb(program, 'completion <shell>', 'for bash, zsh, fish or powershell', async () => {
    return (await import('./commands/completion.ts')).completionOf(program)
  })
  verb(program, 'demo', 'a whole mesh on this machine, and one of its nodes lies', async () => {
    return (await import('./demo/demo.ts')).demo
  })
    .option('--once', 'end when all is verified')
    .option('--keep <directory>', 'keep all that it leaves there')
}

/** Whether commander ended what was typed, because it was help or because it was wrong. */
export function endedBy(error: unknown): error is CommanderError {
  return error instanceof Error && error.name === 'CommanderError'
}
