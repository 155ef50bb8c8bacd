import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type Cid, inside, type Job, type Outcome } from '@nexapod/specs'
import { differByRule, differInBytes } from './streams.ts'

/** Writes an output to the disk to be read there; undefined where that cannot be had. */
export type Laid = (root: Cid) => Promise<string | undefined>

type Rule = Job['compare'][number]
type Output = Outcome['outputs'][number]

/** The rules of a job that say something of an output, or of something in it. */
export function rulesOf({ compare }: Job, path: string): readonly Rule[] {
  return compare.filter((rule) => inside(path, rule.path) || inside(rule.path, path))
}

/**
 * How two outcomes differ by the rules of their job, in words; undefined where they do not. What
 * its checker judges is not looked at: it has said yes to each of them.
 */
export async function differ(
  job: Job,
  [a, b]: readonly [Outcome, Outcome],
  [layA, layB]: readonly [Laid, Laid],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (ending(a) !== ending(b)) return 'they ended otherwise'
  if (a.fuel !== b.fuel) return `fuel ${a.fuel} and ${b.fuel}`
  if (pathsOf(a.outputs) !== pathsOf(b.outputs)) return 'they gave other outputs'
  for (const [i, { path, cid }] of a.outputs.entries()) {
    const other = (b.outputs[i] as Output).cid
    if (cid === other) continue
    const rules = rulesOf(job, path)
    if (rules.length === 0) return `${path}: other bytes`
    const [x, y] = [await layA(cid), await layB(other)]
    if (x === undefined || y === undefined) return `${path}: it cannot be had`
    const how = await differAt(path, [x, y], rules, signal)
    if (how !== undefined) return how
  }
  return undefined
}

/** Compares what was laid at two places, an output or directory of the unit, file by file. */
async function differAt(
  path: string,
  [a, b]: readonly [string, string],
  rules: readonly Rule[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const files = await filesAt(a)
  if (files.join('\n') !== (await filesAt(b)).join('\n')) return `${path}: other files`
  for (const name of files) {
    if (name.endsWith('/')) continue
    const at = name === '' ? path : `${path}/${name}`
    const rule = ruleFor(at, rules)
    if (rule?.type === 'checker') continue
    const open = (root: string) => createReadStream(join(root, name), { signal })
    const how =
      rule?.type === 'tolerance'
        ? await differByRule(open(a), open(b), rule)
        : await differInBytes(open(a), open(b))
    if (how !== undefined) return `${at}: ${how}`
  }
  return undefined
}

/** Of the rules for a path, the one that names it most closely. */
function ruleFor(path: string, rules: readonly Rule[]): Rule | undefined {
  const [closest] = rules
    .filter((rule) => inside(path, rule.path))
    .sort((a, b) => b.path.length - a.path.length)
  return closest
}

/** The names below a place, those of directories with a slash; of a file the empty one. */
async function filesAt(root: string): Promise<readonly string[]> {
  if ((await stat(root)).isFile()) return ['']
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  return found
    .map((one) => relative(root, join(one.parentPath, one.name)) + (one.isDirectory() ? '/' : ''))
    .sort()
}

function ending({ ended }: Outcome): string {
  return `${ended.type} ${ended.executor} ${ended.type === 'exit' ? ended.code : ''}`
}

function pathsOf(outputs: readonly Output[]): string {
  return outputs.map(({ path }) => path).join('\n')
}
