import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The tests as `npm run mutants` runs them. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    // What takes anything, or takes long, is no witness.
    exclude: ['test/{sip,xcap}/{fuzz,torture,transaction-loss}.test.ts', 'test/clauses/*clauses.test.ts'],
    setupFiles: ['broken-rule.ts', 'broken-ut-rule.ts'].map((name) => fileURLToPath(new URL(name, import.meta.url))),
    testTimeout: 60_000,
    env: { NO_COLOR: '', FORCE_COLOR: '', TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  },
})
