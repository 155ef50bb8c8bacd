import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'
import { LongestFirst } from './test/longest-first.ts'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // For machines that do something else beside: what hangs hangs for longer than this.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Half of the tests wait for processes of their own: each core has one file to work on.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Hundreds of processes are begun. What one of them has compiled, the next ones read.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('./node_modules/.compiled', import.meta.url)),
    },
    reporters: ['default', new ClosingLine()],
  },
})
