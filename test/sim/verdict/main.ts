import { verdictCommand } from './command.ts'

verdictCommand(process.argv.slice(2))
