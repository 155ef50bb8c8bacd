import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // For machines that do something else beside: what hangs hangs for longer than this.
    testTimeout: 120_000,
    reporters: ['default', new ClosingLine()],
  },
})
