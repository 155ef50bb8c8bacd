import { bankCommand } from './bank/command.ts'
import { meshCommand } from './mesh/command.ts'
import { mutateCommand } from './mutate/command.ts'
import { scaleCommand } from './scale/command.ts'
import { verdictCommand } from './verdict/command.ts'

const [word, ...rest] = process.argv.slice(2)
if (word === 'verdict') verdictCommand(rest)
else if (word === 'bank') await bankCommand(rest)
else if (word === 'mutate') await mutateCommand(rest)
else if (word === '--scale') await scaleCommand(rest)
else await meshCommand(process.argv.slice(2))
