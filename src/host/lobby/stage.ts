import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import type { End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { Producer, SourceSpec } from '../../media/producer.ts'
import type { GrantAppAccess } from '../app-access.ts'
import { appEnvironment } from '../apps/app-environment.ts'
import type { App, AppSource, Command } from '../apps/app.ts'
import { ensureHome } from '../apps/home-directory.ts'
import type { Display, KeyboardLayout, Size } from '../display/display.ts'
import { socketPathOf } from '../display/server-socket.ts'
import type { HostParts } from '../host-parts.ts'
import type { AppOutput } from '../run/app-output.ts'
import type { Enclosure, RunningApp, RunOptions, RunPlace } from '../run/runner.ts'
import type { AudioMicrophone, AudioSink } from '../sound/sound-server.ts'
import { waitingRoomText } from '../session/waiting-room-text.ts'
import { followResizes } from './follow-resizes.ts'

/** Everything that one run of an app stands on. Disposing of it undoes what was opened, last first. */
export interface Stage extends AsyncDisposable {
  readonly producer: Producer
  readonly display: Display | undefined
  readonly sound: boolean
  /** The app can hear those who speak to it. */
  readonly microphone: boolean
  /** Resolves, and never rejects, when this run cannot go on. */
  readonly over: Promise<StageEnd>
}

/** Why a run is over: its app has ended, or something under the app has. `reason` is a sentence for people. */
export interface StageEnd {
  readonly kind: 'app-ended' | 'broken'
  readonly reason: string
}

/** Told what the opening is waiting for: a sentence for people. */
type OnProgress = (reason: string) => void

export interface StageOptions {
  readonly lobbyId: string
  readonly title: string
  readonly app: App
  readonly size: Size
  readonly layout: KeyboardLayout
  readonly parts: HostParts
  /** Made for this run and removed after it; what a host that was killed has left there is removed first. */
  readonly directory: string
  readonly home: string
  /** Where what the app prints is kept. */
  readonly output: AppOutput
  readonly onProgress: OnProgress
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Lets the app speak to the host about its lobby, for this run. */
  readonly grantAppAccess?: GrantAppAccess
  readonly clock: Clock
  readonly log: Log
  /** Aborted, no further step is taken; what has been opened is undone. */
  readonly signal: AbortSignal
}

/**
 * An app that loses its display ends as well, often before the display's end is noticed. So long is the display given
 * to turn out as the true reason.
 */
const displayBlameMs = 1000

/** An app that opens no window for so long is shown all the same. */
export const firstWindowMs = 5000

/** Opens display, audio sink, producer and app, in this order. Rejects with what failed; then nothing is left open. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { source } = options.app
  await using opening = new AsyncDisposableStack()
  const stage =
    source.kind === 'test-pattern'
      ? await openTestPattern(options, source, opening)
      : await openOnDisplay(options, source, opening)
  const opened = opening.move()
  return { ...stage, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

type OpenedStage = Omit<Stage, keyof AsyncDisposable>

async function openTestPattern(
  options: StageOptions,
  source: Extract<AppSource, { kind: 'test-pattern' }>,
  opening: AsyncDisposableStack,
): Promise<OpenedStage> {
  const { app, size } = options
  const { lines, tone } = source
  const { title } = waitingRoomText(options.title, '')
  const producer = await openProducer(
    options,
    { kind: 'test-pattern', ...size, fps: app.fps, title, lines, tone },
    opening,
  )
  const over = producer.closed.then(brokenBy('The picture'))
  return { producer, display: undefined, sound: tone, microphone: false, over }
}

async function openOnDisplay(
  options: StageOptions,
  source: Extract<AppSource, { kind: 'display' }>,
  opening: AsyncDisposableStack,
): Promise<OpenedStage> {
  const { app, clock, directory, layout, log, parts, signal, size } = options
  opening.defer(() => removeDirectory(directory, log))
  await removeDirectory(directory, log)
  const [displayDirectory, appDirectory, runtimeDirectory] = await makeDirectories(directory, ['display', 'app', 'xdg'])

  const display = opening.use(await parts.openDisplay({ directory: displayDirectory, size, layout }))
  signal.throwIfAborted()
  const sink = source.sound ? await openSink(options) : undefined
  if (sink) opening.use(sink)
  const microphone = sink && (await openMicrophone(options))
  if (microphone) opening.use(microphone)
  signal.throwIfAborted()
  const producer = await openProducer(options, captureOf({ display, sink, microphone }, options), opening)
  signal.throwIfAborted()

  await ensureHome(options.home)
  const launch = await source.prepare({ directory: appDirectory, home: options.home })
  const ownEnv = appEnvironment(options.environment, { home: options.home, runtimeDirectory })
  const env = {
    // An image knows its own programs and its own user.
    ...(source.rules?.container ? {} : ownEnv),
    ...display.env,
    ...sink?.env,
    ...microphone?.env,
    ...launch.env,
  }
  const enclosure = enclosureOf(source, {
    home: options.home,
    runtimeDirectory,
    appDirectory,
    display: { socket: socketPathOf(Number(display.name.slice(1))), authorityFile: display.authorityFile },
    sound: sink && soundOf(options),
  })
  const { command, directory: startDirectory = options.home } = launch
  const { output, onProgress } = options
  const onOutput = (text: string) => output.write(text)
  const run = { env, onOutput, signal, ...(enclosure && { enclosure }) }
  const start = { ...run, command, directory: startDirectory, runId: options.lobbyId, onProgress }
  if (launch.beside) {
    const besideEnv = { ...ownEnv, ...display.env, ...launch.beside.env }
    opening.use(await openBeside(options, { command: launch.beside.command, env: besideEnv, onOutput }))
  }
  const access = options.grantAppAccess?.(options.lobbyId)
  if (access) opening.use(access)
  output.note(`${app.title} is starting`)
  const appEnv = { ...env, ...access?.env }
  const running = opening.use(
    await parts.runApp({ ...start, env: appEnv, ...(source.rules && { limits: source.rules.limits }) }),
  )
  const { afterResize } = launch
  if (afterResize) {
    const rerun = () =>
      parts.runApp({ ...run, directory: options.home, command: afterResize, runId: `${options.lobbyId}-resize` })
    opening.use(followResizes(display.size, rerun, log))
  }
  await firstSight(display, running, options)
  const over = Promise.race([
    display.closed.then(brokenBy('The display')),
    producer.closed.then(brokenBy('The picture')),
    whyAppEnded(app, running, display, clock),
  ])
  return { producer, display, sound: sink !== undefined, microphone: microphone !== undefined, over }
}

/** What an app has beside it is nothing to fail for. */
async function openBeside(
  { lobbyId, parts, home, log, signal }: StageOptions,
  run: Pick<RunOptions, 'env' | 'onOutput'> & { readonly command: Command },
): Promise<RunningApp | undefined> {
  try {
    return await parts.runApp({ ...run, directory: home, runId: `${lobbyId}-beside`, signal })
  } catch (error) {
    signal.throwIfAborted()
    log.warn('What an app has beside it could not be started', { command: run.command[0], error })
    return undefined
  }
}

async function openProducer(options: StageOptions, spec: SourceSpec, opening: AsyncDisposableStack): Promise<Producer> {
  const { lobbyId, parts, app } = options
  return opening.use(await parts.openProducer(lobbyId, { ...spec, ...(app.encoding && { encoding: app.encoding }) }))
}

/** Without sound an app is still worth showing, so that a failure here is only told. */
async function openSink({ lobbyId, log, parts }: StageOptions): Promise<AudioSink | undefined> {
  try {
    return await parts.sound?.openSink(`porchlight-${lobbyId}`)
  } catch (error) {
    log.warn('There is no sound: no audio sink could be opened', { error })
    return undefined
  }
}

/** An app that cannot be spoken to is worth showing too. */
async function openMicrophone({ lobbyId, log, parts }: StageOptions): Promise<AudioMicrophone | undefined> {
  try {
    return await parts.sound?.openMicrophone(`porchlight-${lobbyId}-microphone`)
  } catch (error) {
    log.warn('The app has no microphone: none could be opened', { error })
    return undefined
  }
}

/** What the app is shut in by its rules, with what is let in. */
function enclosureOf({ rules }: Extract<AppSource, { kind: 'display' }>, place: RunPlace): Enclosure | undefined {
  if (rules?.container) return { kind: 'container', rules: rules.container, place }
  return rules?.sandbox && { kind: 'sandbox', rules: rules.sandbox, place }
}

function soundOf({ parts }: StageOptions): RunPlace['sound'] {
  const { sound } = parts
  return sound && { socket: sound.address.replace(/^unix:/, ''), cookieFile: sound.cookieFile }
}

interface Captured {
  readonly display: Display
  readonly sink: AudioSink | undefined
  readonly microphone: AudioMicrophone | undefined
}

function captureOf({ display, sink, microphone }: Captured, { app, parts }: StageOptions): SourceSpec {
  const { sound: server } = parts
  return {
    kind: 'x11',
    display: display.name,
    authorityFile: display.authorityFile,
    fps: app.fps,
    sound: sink &&
      server && {
        server: server.address,
        cookieFile: server.cookieFile,
        source: sink.monitor,
        microphone: microphone?.sink,
      },
  }
}

async function makeDirectories<const Names extends readonly string[]>(
  parent: string,
  names: Names,
): Promise<{ [Index in keyof Names]: string }> {
  const paths = names.map((name) => join(parent, name))
  for (const path of paths) await mkdir(path, { recursive: true, mode: 0o700 })
  return paths as { [Index in keyof Names]: string }
}

/** Resolves when there is something to see on a display, or when that is not waited for any longer. */
async function firstSight(display: Display, running: RunningApp, { clock, signal }: StageOptions): Promise<void> {
  const enough = new AbortController()
  const patience = sleep(clock, firstWindowMs, AbortSignal.any([signal, enough.signal])).catch(() => {})
  await Promise.race([display.firstWindow, running.closed, patience])
  enough.abort()
}

async function whyAppEnded(app: App, running: RunningApp, display: Display, clock: Clock): Promise<StageEnd> {
  const end = await running.closed
  const blame = new AbortController()
  const displayEnd = await Promise.race([
    display.closed,
    sleep(clock, displayBlameMs, blame.signal).catch(() => undefined),
  ])
  blame.abort()
  if (displayEnd) return brokenBy('The display')(displayEnd)
  const how = end.kind === 'error' ? `: ${withLastWords(messageOf(end.error), running.output.at(-1))}` : ''
  return { kind: 'app-ended', reason: `${app.title} has ended${how}` }
}

function withLastWords(message: string, lastWords: string | undefined): string {
  return lastWords === undefined || message.includes(lastWords) ? message : `${message} (${lastWords})`
}

function brokenBy(what: string): (end: End) => StageEnd {
  return (end) => ({
    kind: 'broken',
    reason: `${what} was lost: ${end.kind === 'error' ? messageOf(end.error) : end.reason}`,
  })
}

/** Processes that are just ending may still write there, and then it takes a few tries. */
async function removeDirectory(directory: string, log: Log): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  } catch (error) {
    log.warn('A directory of a lobby could not be removed', { directory, error })
  }
}
