/** How far long work is, as a bar on standard error, if that is a terminal; figures go to standard output. */
export function showProgress(what: string, done: number, all: number): void {
  const { stderr } = process
  if (!stderr.isTTY) return
  const width = 40
  const full = Math.round((width * done) / all)
  // Back to the beginning of the line; at the end the line is cleared.
  if (done >= all) return void stderr.write('\r\x1b[K')
  stderr.write(`\r${'█'.repeat(full)}${'░'.repeat(width - full)} ${what}\x1b[K`)
}
