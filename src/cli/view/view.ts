import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import type { Closable } from '../../kernel/ending.ts'
import { pathPolicies, type PathPolicy } from '../../net/paths/path-policy.ts'
import { shortFingerprint } from '../../net/identity/key-fingerprint.ts'
import { builtPage } from '../../server/built-page.ts'
import { securityHeaders } from '../../server/http/security-headers.ts'
import { StaticFiles } from '../../server/http/static-files.ts'
import { openBrowser } from '../../view/bridge/open-browser.ts'
import { openPageBridge, type PageBridge } from '../../view/bridge/page-bridge.ts'
import { NativeHost } from '../../view/host/native-host.ts'
import { OwnFiles, ownDirectory } from '../../view/own/own-files.ts'
import { MatroskaRecorder } from '../../view/record/matroska-recorder.ts'
import { openHeadlessViewer } from '../../view/watch/headless-viewer.ts'
import { ViewMeter } from '../../view/watch/view-meter.ts'
import { WireError } from '../../wire/wire-error.ts'
import { parseNativeLink, type NativeLink } from '../../wire/native/native-link.ts'
import type { CommandContext } from '../contract/command.ts'
import { exitCode } from '../contract/exit-code.ts'
import { StopSignals } from '../contract/stop-signals.ts'
import { UsageError } from '../contract/usage-error.ts'
import { printable } from '../terminal/table.ts'
import { askPin } from './ask-pin.ts'
import { statsTable } from './stats-table.ts'

const usage = `Usage: npm start -- view LINK [flags]

Watches and plays what a host shows, by its native transport: end to end encrypted, by one UDP port of the host. LINK is
porchlight://HOST:PORT/KEY, with #INVITATION behind it for who comes for the first time. The browser of this machine is
opened on a page that leads there.

  --name NAME        how the others are to call you (the name of your account)
  --device NAME      what this device is to be called (the name of this machine)
  --pin PIN          the PIN of the invitation; asked for when it has one
  --lobby ID         the lobby to be in, without a page
  --headless         without page and browser
  --no-open          print the address of the page, and open no browser
  --record FILE      write pictures and sound into a Matroska file, as they were encoded
  --stats            tell how it goes, once a second
  --path-policy KIND prefer-direct (as usual), prefer-relay, relay-only (the host does not learn this machine's address
                     from it) or direct-only
  --birthday-probing try many ports for a direct path where a relay would be taken; the host has to do it too
  --forget           forget the key that the host had before
  --keys DIRECTORY   where this device keeps its key and those of hosts ($XDG_CONFIG_HOME/porchlight)
`

const options = {
  name: { type: 'string' },
  device: { type: 'string' },
  pin: { type: 'string' },
  lobby: { type: 'string' },
  headless: { type: 'boolean' },
  'no-open': { type: 'boolean' },
  record: { type: 'string' },
  stats: { type: 'boolean' },
  'path-policy': { type: 'string' },
  'birthday-probing': { type: 'boolean' },
  forget: { type: 'boolean' },
  keys: { type: 'string' },
  help: { type: 'boolean' },
} as const

const statsEveryMs = 1000

/** Goes to a host and watches it until it is told to stop. */
export async function view(context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...context.args], allowPositionals: true, options })
  const { output, environment, process, exit } = context
  if (values.help === true) {
    output.write(usage)
    return exitCode.ok
  }
  const [text, ...more] = positionals
  if (text === undefined || more.length > 0)
    throw new UsageError('wrong-arguments', `Cannot run it like this.\n${usage}`)
  const link = linkOf(text)
  const pathPolicy = policyOf(values['path-policy'])
  const directory = values.keys ?? ownDirectory(environment)
  const name = link.host.includes(':') ? `[${link.host}]:${link.port}` : `${link.host}:${link.port}`
  if (values.forget === true) new OwnFiles(directory).changeKnownHosts((known) => known.forget(name))

  using signals = new StopSignals(process, () => exit(exitCode.forced))
  const pin = askPin(values.pin, context)
  // Before anybody is asked for anything: what cannot be written is no reason to use up an invitation.
  using recorder = values.record === undefined ? undefined : new MatroskaRecorder(resolve(values.record))
  const opening = NativeHost.open({
    link: text,
    directory,
    ...(values.name !== undefined && { name: values.name }),
    ...(values.device !== undefined && { device: values.device }),
    ...(pathPolicy !== undefined && { pathPolicy }),
    ...(values['birthday-probing'] === true && { probesByBirthday: true }),
    pin,
  })
  const stopped = await Promise.race([opening.then(() => false), signals.first.then(() => true)])
  if (stopped) return exitCode.ok
  await using host = await opening
  const { welcome } = host
  output.write(`Host    ${name}, key ${shortFingerprint(link.key)}\n`)
  output.write(`You     ${printable(welcome.name)}, ${welcome.role}\n`)

  const failed = Promise.withResolvers<unknown>()
  using untap = recorder && recorded(host, recorder, failed.resolve)
  void untap
  using table = values.stats === true ? statsTable(output) : undefined
  const say = (line: string) => (table ? table.note(line) : output.write(`${line}\n`))
  await using shown = await show(host, say, {
    isHeadless: values.headless === true,
    opensBrowser: values['no-open'] !== true,
    lobbyId: values.lobby,
  })
  using meter = table && new ViewMeter(host, () => systemClock.nowMs())
  const timer = systemClock.every(statsEveryMs, () => meter && table?.row(meter.look()))
  const cause = await Promise.race([
    signals.first,
    shown.closed.then((end) => ({ kind: 'ended', end }) as const),
    failed.promise.then((error) => ({ kind: 'failed', error }) as const),
  ])
  timer.cancel()
  table?.[Symbol.dispose]()
  if (recorder) {
    untap?.[Symbol.dispose]()
    recorder.close()
    output.write(`${describeRecording(recorder)}\n`)
  }
  switch (cause.kind) {
    case 'signal':
      return exitCode.ok
    case 'crash':
    case 'failed':
      context.errors.write(`The viewer has failed: ${messageOf(cause.error)}\n`)
      return exitCode.failed
    case 'ended':
      context.errors.write(`${cause.end.kind === 'error' ? messageOf(cause.end.error) : 'The host has ended it.'}\n`)
      return exitCode.failed
  }
}

/** A page on this machine, or nothing to be seen. */
async function show(
  host: NativeHost,
  say: (line: string) => void,
  how: { readonly isHeadless: boolean; readonly opensBrowser: boolean; readonly lobbyId: string | undefined },
): Promise<Closable> {
  const { isHeadless, opensBrowser, lobbyId } = how
  if (isHeadless) {
    return openHeadlessViewer({
      host,
      clock: systemClock,
      ...(lobbyId !== undefined && { lobbyId }),
      onState: (state) => say(`State   ${state}`),
    })
  }
  const files = new StaticFiles(builtPage)
  const bridge: PageBridge = await openPageBridge({
    host,
    file: (path, headers) => files.find(path, headers),
    pageHeaders: (where) => securityHeaders(where),
  })
  say(`Page    ${bridge.url}`)
  say('        It is for this machine alone: whoever has the address is you at the host.')
  if (opensBrowser && !(await openBrowser(bridge.url))) say('        No browser could be opened: open it yourself.')
  say('Stop    Ctrl+C')
  return bridge
}

function describeRecording({ file, durationMs, counts: { pictures, sounds } }: MatroskaRecorder): string {
  if (pictures === 0) return 'Wrote   nothing: no picture came'
  return `Wrote   ${file}: ${(durationMs / 1000).toFixed(1)} s, ${pictures} pictures, ${sounds} packets of sound`
}

/** What the disk does not take ends it all. */
function recorded(host: NativeHost, recorder: MatroskaRecorder, fail: (error: unknown) => void): Disposable {
  const trying = <What>(write: (what: What) => void) => {
    return (what: What) => {
      try {
        write(what)
      } catch (error) {
        fail(error)
      }
    }
  }
  const untap = host.tap({
    picture: trying((picture) => recorder.picture(picture)),
    sound: trying((sound) => recorder.sound(sound)),
  })
  return { [Symbol.dispose]: untap }
}

/** Throws UsageError. */
function policyOf(text: string | undefined): PathPolicy | undefined {
  const policy = pathPolicies.find((each) => each === text)
  if (text === undefined || policy) return policy
  throw new UsageError('wrong-arguments', `Cannot use --path-policy ${text}: wanted ${pathPolicies.join(', ')}`)
}

/** Throws UsageError, whose message has nothing of the link in it: it is a secret. */
function linkOf(text: string): NativeLink {
  try {
    return parseNativeLink(text)
  } catch (error) {
    if (error instanceof WireError) throw new UsageError('wrong-arguments', error.message)
    throw error
  }
}
