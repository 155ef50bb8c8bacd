import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { weightsFile } from './weights.ts'

writeFileSync(join(import.meta.dirname, '..', 'weights.ts'), weightsFile())
