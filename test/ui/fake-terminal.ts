import { PassThrough, Writable } from 'node:stream'
import xterm from '@xterm/headless'

/** A terminal without a screen: what is written to it becomes cells, as xterm would show them. */
export class FakeTerminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  /** True while the program reads keys one by one. */
  raw = false
  private readonly terminal: InstanceType<typeof xterm.Terminal>

  constructor(columns: number, rows: number) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
    const { terminal } = this
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, done) {
        terminal.write(chunk, done)
      },
    })
    this.stdout = Object.assign(stdout, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream
    const setRawMode = (raw: boolean) => {
      this.raw = raw
    }
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode, ref() {}, unref() {} })
    this.stdin = stdin as unknown as NodeJS.ReadStream
  }

  /** Types keys: characters or escape sequences. */
  type(keys: string): void {
    ;(this.stdin as unknown as PassThrough).write(keys)
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows)
    Object.assign(this.stdout, { columns, rows })
    this.stdout.emit('resize')
  }

  /** The lines of the screen, without blanks at their ends. */
  get lines(): string[] {
    const { active } = this.terminal.buffer
    const { rows } = this.terminal
    return Array.from({ length: rows }, (_, row) =>
      active
        .getLine(active.baseY + row)!
        .translateToString(true)
        .trimEnd(),
    )
  }

  /** True while the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate'
  }

  /** What the cell at a place looks like. */
  cell(x: number, y: number): { text: string; inverse: boolean; colour: number | undefined } {
    const { active } = this.terminal.buffer
    const cell = active.getLine(active.baseY + y)!.getCell(x)!
    const colour = cell.isFgPalette() ? cell.getFgColor() : undefined
    return { text: cell.getChars(), inverse: cell.isInverse() !== 0, colour }
  }

  /** Waits until the screen is as it should be; fails with what it shows instead. */
  async until(what: string, holds: (lines: string[]) => boolean): Promise<string[]> {
    const deadline = Date.now() + 5000
    while (!holds(this.lines)) {
      if (Date.now() > deadline) throw new Error(`${what} did not come; the screen is:\n${this.lines.join('\n')}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    return this.lines
  }
}
