import { writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Ends a run of the tests with one plain line, `N passed, N failed, N skipped`, that a person and a
 * machine can read alike. It is written as the process ends, so that nothing comes after it.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const line = closingLine(modules, unhandled)
    process.once('exit', () => writeSync(process.stdout.fd, `${line}\n`))
  }
}

/** What did not even begin has failed: a file that does not load, an error outside of tests. */
function closingLine(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
): string {
  const count = { passed: 0, failed: unhandled.length, skipped: 0 }
  for (const module of modules) {
    count.failed += module.errors().length
    for (const suite of module.children.allSuites()) count.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      count[state === 'pending' ? 'failed' : state]++
    }
  }
  return `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
}
