import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emitted } from './emit.ts'

const specs = join(import.meta.dirname, '..')
for (const [path, text] of emitted()) writeFileSync(join(specs, path), text)
