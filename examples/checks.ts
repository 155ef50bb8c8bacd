import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Check } from './comparison.ts'
import { lennardJones } from './lennard-jones/check.ts'
import { lorenz96 } from './lorenz-96/check.ts'
import { pi } from './pi/check.ts'
import { quantum } from './quantum/check.ts'
import { secondaryStructure } from './secondary-structure/check.ts'

/** The examples by the names of their folders. */
export const checks = {
  pi,
  'lorenz-96': lorenz96,
  'lennard-jones': lennardJones,
  'secondary-structure': secondaryStructure,
  quantum,
} as const satisfies Readonly<Record<string, Check>>

/** The name of an example. */
export type Name = keyof typeof checks

/**
 * What units left below a folder, however it lies in there. Each file says of which unit it is: the
 * same one twice counts once.
 */
export function textsBelow(name: Name, directory: string): readonly string[] {
  const files: readonly string[] = checks[name].files
  const found = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => files.includes(basename(path)))
    .map((path) => readFileSync(join(directory, path), 'utf8'))
  return [...new Set(found)]
}
