import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The kernels: what they are like stands at their top. */
export const kernels = ['pi', 'lj', 'sw', 'fft'] as const

/** Whether there is what they are built with: clang and wasi-libc. */
export const canBuild = existsSync('/usr/bin/clang') && existsSync('/usr/include/wasm32-wasi')

const folder = import.meta.dirname

/** Builds the module of a kernel as wasm.md says, in a directory for it. */
export function buildModule(kernel: string, directory: string, scale: number): Uint8Array {
  const object = join(directory, `${kernel}.o`)
  const module = join(directory, `${kernel}.wasm`)
  const target = '--target=wasm32-wasi'
  const source = join(folder, `${kernel}.c`)
  build('clang', [target, '-O2', `-DSCALE=${scale}`, '-c', source, '-o', object])
  const linked = ['--strip-all', '-z,stack-size=1048576', '--max-memory=536870912']
  build('clang', [target, ...linked.map((flag) => `-Wl,${flag}`), object, '-o', module])
  return new Uint8Array(readFileSync(module))
}

/** Builds the program of a kernel for this machine; gives its path. */
export function buildNative(kernel: string, directory: string, scale: number): string {
  const program = join(directory, `${kernel}-native`)
  const object = join(directory, `${kernel}-native.o`)
  const flags = ['-O2', `-DSCALE=${scale}`]
  build('gcc', [...flags, '-Dmain=kernel', '-c', join(folder, `${kernel}.c`), '-o', object])
  build('gcc', ['-O2', join(folder, 'native.c'), object, '-o', program])
  return program
}

function build(command: string, flags: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, flags, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${flags.join(' ')}: ${error ?? stderr}`)
}
