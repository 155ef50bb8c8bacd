import type { Module } from '../run/run.ts'

/** What is kept of modules that were compiled. */
const cacheBounds = {
  /** Modules: those of the jobs that a node computes at one time, some programs each. */
  modulesMax: 32,
  /** Bytes of their originals: compiled, a module takes about ten times as much. */
  bytesMax: 32 * 1024 * 1024,
} as const

/** Compiled modules by name and by the memory that they were prepared for, the last used last. */
export class ModuleCache {
  readonly #modules = new Map<string, { readonly module: Module; readonly bytes: number }>()
  #bytes = 0

  get(name: string, memoryBytesMax: number): Module | undefined {
    const key = `${name} ${memoryBytesMax}`
    const found = this.#modules.get(key)
    if (found === undefined) return undefined
    this.#modules.delete(key)
    this.#modules.set(key, found)
    return found.module
  }

  put(name: string, memoryBytesMax: number, module: Module, bytes: number): void {
    this.#modules.set(`${name} ${memoryBytesMax}`, { module, bytes })
    this.#bytes += bytes
    for (const [key, { bytes }] of this.#modules) {
      const fits = this.#modules.size <= cacheBounds.modulesMax
      if (fits && this.#bytes <= cacheBounds.bytesMax) return
      this.#modules.delete(key)
      this.#bytes -= bytes
    }
  }
}
