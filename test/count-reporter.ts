import type { Reporter, TestModule } from 'vitest/node'

/** Says as the last line how many tests passed and failed: `N passed, N failed`. A file that can't run is a failure. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length }
    for (const module of modules) {
      count.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') count.passed++
        if (state === 'failed') count.failed++
      }
    }
    // After the summary of the reporter before this one.
    setImmediate(() => process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`))
  }
}
