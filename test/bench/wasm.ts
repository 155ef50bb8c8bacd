import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare } from '../../specs/wasm/prepare.ts'
import { bombs } from '../wasm/bombs.ts'
import type { Figure } from './harness.ts'
import { buildModule, buildNative, kernels } from './kernels/kernels.ts'
import { type Ran, runModule, runNative } from './kernels/run.ts'

const scale = 16
const passes = 5
const optimised = ['--no-liftoff']

/**
 * The four kernels, prepared and optimised, beside gcc -O2 in CPU time of the same run: `a second`
 * is fuel. That they say and use the same in every process and tier is asserted. Then what it
 * costs to prepare the worst modules, beside what the engine takes to check them.
 */
export function figures(): Figure[] {
  const directory = mkdtempSync(join(tmpdir(), 'nexapod-kernels-'))
  try {
    const rows = kernels.map((kernel) => figureOf(kernel, directory))
    return [...rows, mean(rows), spread(rows), ...bombs().map(bombFigure)]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function figureOf(kernel: string, directory: string): Figure {
  buildModule(kernel, directory, scale)
  const module = join(directory, `${kernel}.wasm`)
  const native = buildNative(kernel, directory, scale)
  const runs: Ran[] = []
  const natives: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    natives.push(runNative(native).us)
    runs.push(runModule(module, optimised))
  }
  const others = [runModule(module, []), runModule(module, ['--liftoff-only'])]
  const [{ text, fuel }] = runs as [Ran]
  for (const other of [...runs, ...others]) {
    if (other.text !== text || other.fuel !== fuel) {
      throw new Error(`${kernel} differs: ${JSON.stringify([runs[0], other])}`)
    }
  }
  const us = Math.min(...runs.map((run) => run.us))
  const besideUs = Math.min(...natives)
  const perSecond = Math.round((fuel / us) * 1e6)
  return { name: kernel, us, perSecond, beside: 'gcc -O2', besideUs, ratio: us / besideUs }
}

function mean(rows: readonly Figure[]): Figure {
  const of = (read: (row: Figure) => number) =>
    rows.reduce((product, row) => product * read(row), 1) ** (1 / rows.length)
  const us = of((row) => row.us)
  const besideUs = of((row) => row.besideUs ?? 0)
  const perSecond = Math.round(of((row) => row.perSecond))
  return {
    name: 'geometric mean',
    us,
    perSecond,
    beside: 'gcc -O2',
    besideUs,
    ratio: us / besideUs,
  }
}

/** The most fuel a second beside the least: who pays by fuel pays so unevenly for time. */
function spread(rows: readonly Figure[]): Figure {
  const most = rows.reduce((best, row) => (row.perSecond > best.perSecond ? row : best))
  const least = rows.reduce((worst, row) => (row.perSecond < worst.perSecond ? row : worst))
  return {
    name: `fuel a second: ${most.name}`,
    us: most.us,
    perSecond: most.perSecond,
    beside: least.name,
    besideUs: least.us,
    ratio: most.perSecond / least.perSecond,
  }
}

function bombFigure({ name, module }: { name: string; module: Uint8Array }): Figure {
  const time = (run: () => unknown) => {
    const start = performance.now()
    run()
    return (performance.now() - start) * 1000
  }
  const us = time(() => prepare(module, 2 ** 32))
  const besideUs = time(() => WebAssembly.validate(module as BufferSource))
  const perSecond = Math.round(1e6 / us)
  return {
    name: `prepare ${name}`,
    us,
    perSecond,
    beside: 'validate',
    besideUs,
    ratio: us / besideUs,
  }
}
