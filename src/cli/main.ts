import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { FlowErrors, nearest, printFlowError } from '../flow/flow-error.ts'
import { usualLimits } from '../gateway/http-limits.ts'
import { narrowestText } from '../render/text.ts'
import { Bug } from '../sim/assert.ts'
import { exitCode, Misuse } from './exit-code.ts'
import { type Output, processOutput } from './output.ts'
import type { LadderOptions } from './run.ts'

const defaultFlow = 'A.3.2.1'

/** Runs the command line `presim …`; returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const output = processOutput()
  let code: number = exitCode.ok
  const program = programFor(output, (result) => {
    code = result
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return failed(error, output)
  }
}

function programFor(output: Output, done: (code: number) => void): Command {
  const program = new Command('presim')
    .description('A testbed of the 3GPP presence service (TS 24.141): run, step, explain and check its flows.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({ writeErr: (text) => output.error(text.trimEnd()), writeOut: (text) => output.write(text) })
    .enablePositionalOptions()
    .showHelpAfterError('(see presim --help)')
    .addHelpText(
      'after',
      example(['presim', 'presim run A.3.2.1', 'presim check', 'presim why A.3.2.1 4 Record-Route']),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 as expected, 1 not as expected, 2 wrong use or unreadable file, 3 presim failed.',
    )
  drawn(program).action(async (options: LadderOptions, command: Command) => {
    if (command.args.length > 0) throw new Misuse(unknownVerb(command.args[0]!, program))
    if (output.isTerminal && !options.json)
      return done(await (await import('./view.ts')).openCatalogue(options, output))
    done((await import('./run.ts')).run(defaultFlow, options, output))
  })
  program.allowExcessArguments()
  addFlowVerbs(program, output, done)
  addProfileVerb(program, output, done)
  addFileVerbs(program, output, done)
  addServerVerbs(program, output, done)
  for (const command of program.commands) command.exitOverride()
  return program
}

/** The options of a verb that runs flows. */
const ladder = (command: Command): Command =>
  command
    .addOption(seedOption())
    .option('--wire', 'print and parse every message on the bus; the digest stays the same')
    .option('--json', 'print NDJSON')

/** The options of a verb that draws ladders. */
const drawn = (command: Command): Command =>
  ladder(command).addOption(widthOption()).option('--ascii', 'draw with ASCII signs only')

/** The verbs that run flows. */
function addFlowVerbs(program: Command, output: Output, done: (code: number) => void): void {
  program
    .command('list')
    .description('list the flows, how sure the annex is of their steps, and their verdicts')
    .option('--json', 'print NDJSON')
    .addHelpText('after', example(['presim list', 'presim list --json | jq .title']))
    .action(async (options) => done((await import('./list.ts')).list(options, output)))

  drawn(program.command('run <flow>').description('run a flow; print its ladder and verdict'))
    .addHelpText(
      'after',
      example(['presim run A.3.2.1', 'presim run A.3.2.1 --width 120', 'presim run my.flow.yaml --json']),
    )
    .action(async (flow, options) => done((await import('./run.ts')).run(flow, options, output)))

  ladder(
    program
      .command('check [flows...]')
      .description('run flows and hold them against their ladders and the checks; all flows if none is named'),
  )
    .addOption(widthOption())
    .addHelpText('after', example(['presim check', 'presim check A.3.2.1 my.flow.yaml', 'presim check --json']))
    .action(async (flows, options) => done((await import('./check.ts')).check(flows, options, output)))

  drawn(
    program
      .command('view <flow>')
      .description('step through a flow, or a run recorded by `run --json`, in the terminal'),
  )
    .addHelpText(
      'after',
      example(['presim view A.3.2.1', 'presim run A.3.2.1 --json > run.ndjson; presim view run.ndjson']),
    )
    .action(async (flow, options) => done(await (await import('./view.ts')).view(flow, options, output)))

  ladder(
    program
      .command('matrix <flow>')
      .description('say who may see what of whom at a step of a flow or at its end, and which rules decide it'),
  )
    .option('--at <step>', 'the number of a step, or of a row with a # in front')
    .addHelpText(
      'after',
      example([
        'presim matrix A.3.2.1',
        'presim matrix presence/pending-then-allowed --at 19',
        'presim matrix A.6.2 --json',
      ]),
    )
    .action(async (flow, options) => done((await import('./matrix.ts')).matrix(flow, options, output)))

  ladder(
    program.command('why <flow> <step> [header]').description('say who put a header into a message, and by which rule'),
  )
    .addHelpText('after', example(['presim why A.3.2.1 4', 'presim why A.3.2.1 8 Route', 'presim why A.3.2.1 "#5"']))
    .action(async (flow, step, header, options) =>
      done((await import('./why.ts')).why(flow, step, header, options, output)),
    )
}

/** The verb that takes user profiles out of flows. */
function addProfileVerb(program: Command, output: Output, done: (code: number) => void): void {
  program
    .command('profile <flow> [user]')
    .description('print the profile that the HSS has of a user as XML (TS 29.228 Annex E); or say who there is')
    .option('--json', 'print NDJSON')
    .addHelpText('after', example(['presim profile A.3.2.1', 'presim profile A.3.2.1 user2 > user2.xml']))
    .action(async (flow, user, options) => done((await import('./profile.ts')).profile(flow, user, options, output)))
}

/** The verbs that look at messages and documents in files. */
function addFileVerbs(program: Command, output: Output, done: (code: number) => void): void {
  program
    .command('explain <file>')
    .description('say of each header of a SIP message (- for standard input) what it is, who adds it, who removes it')
    .option('--json', 'print NDJSON')
    .addHelpText('after', example(['presim explain subscribe.sip', 'pbpaste | presim explain -']))
    .action(async (file, options) => done((await import('./explain.ts')).explain(file, options, output)))

  program
    .command('validate <files...>')
    .description('say what kind of XML documents files are (- for standard input), and what is wrong with them')
    .option('--json', 'print NDJSON')
    .addHelpText('after', example(['presim validate presence.xml', 'presim validate --json rules/*.xml']))
    .action(async (files, options) => done((await import('./validate.ts')).validate(files, options, output)))
}

/** The verbs that serve real clients. */
function addServerVerbs(program: Command, output: Output, done: (code: number) => void): void {
  program
    .command('xcap')
    .description('serve XCAP documents (RFC 4825) to real clients over HTTP, until SIGINT or SIGTERM')
    .addOption(portOption())
    .option('--host <address>', 'the address to listen on; only this machine reaches the usual one', '127.0.0.1')
    .option('--root <root>', 'the XCAP root: a path, or the http URI that clients know it by', '/xcap-root')
    .option('--store <folder>', 'keep the documents in a folder; without it they end with the server')
    .addOption(new Option('--auth <how>', 'who is asked for a password').choices(['digest', 'none']))
    .option('--users <file>', 'YAML or JSON: who there is, with passwords and identities; asks them by digest')
    .addOption(connectionsOption())
    .option('--quiet', 'print no line for each request')
    .option('--json', 'print NDJSON')
    .addHelpText(
      'after',
      example([
        'presim xcap --port 8080',
        'presim xcap --port 8080 --store ./documents --users users.yaml --json',
        'curl -X PUT --data-binary @list.xml -H "Content-Type: application/resource-lists+xml" \\\n' +
          '      http://127.0.0.1:8080/xcap-root/resource-lists/users/sip:a@home1.net/index',
      ]),
    )
    .addHelpText('after', `\nA file of users:\n${usersExample}`)
    .action(async (options) => done(await (await import('./xcap.ts')).xcap(options, output)))
}

const usersExample = `  realm: home1.net
  users:
    - { name: user1, password: secret, identities: ["sip:user1@home1.net", "tel:+12125551111"] }
    - { name: user2, ha1: { MD5: 2c3ebbc016697dfb4feeb181d11c243a }, identities: ["sip:user2@home1.net"] }`

const example = (lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`

const seedOption = (): Option =>
  new Option('--seed <number>', 'the seed of all that is left to chance').argParser((text) => {
    if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
    return Number(text)
  })

const portOption = (): Option =>
  new Option('--port <number>', 'the port to listen on; 0 for any that is free').default(8080).argParser((text) => {
    const port = Number(text)
    if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('Expected a whole number from 0 to 65535.')
    return port
  })

const connectionsOption = (): Option =>
  new Option('--connections <number>', 'how many there are at most; one more is answered 503 if all are at work')
    .default(usualLimits.mostConnections)
    .argParser((text) => {
      const most = Number(text)
      if (!/^\d{1,7}$/.test(text) || most === 0) throw new InvalidArgumentError('Expected a whole number from 1.')
      return most
    })

const widthOption = (): Option =>
  new Option('--width <columns>', 'the width of the ladder, e.g. 72, 80, 120, 160').argParser((text) => {
    const width = Number(text)
    if (!Number.isInteger(width) || width < narrowestText || width > 1000)
      throw new InvalidArgumentError(`Expected a whole number from ${narrowestText} to 1000.`)
    return width
  })

function unknownVerb(word: string, program: Command): string {
  const verbs = program.commands.map((command) => command.name())
  const suggestion = nearest(word, verbs)
  const hint = suggestion === undefined ? `the verbs are ${verbs.join(', ')}` : `did you mean ${suggestion}?`
  return `there is no verb "${word}"; ${hint}`
}

/** Says what went wrong in the words of whoever can mend it; returns the exit code. */
function failed(error: unknown, output: Output): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.misuse
  if (error instanceof FlowErrors) {
    for (const one of error.errors) output.error(printFlowError(one))
    return exitCode.misuse
  }
  if (error instanceof Misuse) {
    output.error(`presim: ${error.message}`)
    return exitCode.misuse
  }
  output.error(`presim: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  if (error instanceof Bug) output.error('This is a bug in presim. The seed and the step above reproduce it.')
  return exitCode.bug
}

/** The version of the package. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
