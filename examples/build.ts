import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Where the examples lie. */
export const folder = import.meta.dirname

/** Every C program of the examples, as a path below their folder: each becomes a module. */
export function programs(): readonly string[] {
  const jobs = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'job.yaml')))
  return jobs.flatMap((name) => {
    const sources = readdirSync(join(folder, name)).filter((file) => file.endsWith('.c'))
    return sources.map((source) => `${name}/${source}`)
  })
}

/** The module of a program, as a path. */
export function moduleOf(program: string): string {
  return program.replace(/\.c$/, '.wasm')
}

/**
 * Builds all modules into a folder. Compiled with -O2 and linked without: clang's driver would else
 * run a wasm-opt if one is there, and the bytes would depend on it.
 */
export function buildAll(into: string): void {
  const objects = mkdtempSync(join(tmpdir(), 'nexapod-examples-'))
  try {
    for (const program of programs()) {
      const object = join(objects, `${basename(program)}.o`)
      const target = '--target=wasm32-wasi'
      const warnings = ['-Wall', '-Wextra', '-Werror']
      const compile = [target, '-std=c11', '-O2', ...warnings, '-I', 'include', '-c', program]
      execFileSync('clang', [...compile, '-o', object], { cwd: folder, stdio: 'inherit' })
      const module = join(into, moduleOf(program))
      mkdirSync(dirname(module), { recursive: true })
      const linker = ['--strip-all', '-z,stack-size=1048576', '--max-memory=67108864']
      const link = [target, ...linker.map((option) => `-Wl,${option}`), object, '-o', module]
      execFileSync('clang', link, { stdio: 'inherit' })
      // The linker makes what can be executed; a module is data.
      chmodSync(module, 0o644)
    }
  } finally {
    rmSync(objects, { recursive: true })
  }
}
