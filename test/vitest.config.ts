import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CountReporter } from './count-reporter.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    reporters: ['default', new CountReporter()],
    testTimeout: 60_000,
    // The tests of two cores are done in half the time of one.
    maxWorkers: '100%',
    // What the terminal of the person who runs the tests can show must not matter.
    env: { NO_COLOR: '', FORCE_COLOR: '', TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  },
})
