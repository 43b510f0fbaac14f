import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../kernel/coded-error.ts'
import { sleep, type Clock } from '../../kernel/clock.ts'
import type { End } from '../../kernel/ending.ts'
import type { Log } from '../../kernel/log.ts'
import type { Producer, SourceSpec } from '../../media/contract/producer.ts'
import type { GrantAppAccess } from '../contract/app-access.ts'
import { appEnvironment } from '../apps/app-environment.ts'
import type { App, AppSource, Command } from '../apps/definition/app.ts'
import { linkAuthority } from '../apps/homes/home-authority.ts'
import { removeStaleLocks } from '../apps/homes/stale-locks.ts'
import { ensureHome } from '../apps/homes/home-directory.ts'
import type { Display } from '../display/contract/display.ts'
import { usualLayout } from '../../domain/keyboard-layout.ts'
import type { SoundLayout } from '../../domain/sound-layout.ts'
import type { LobbySettings } from '../../domain/lobby-settings.ts'
import { socketPathOf } from '../display/server-socket.ts'
import type { HostParts } from '../contract/host-parts.ts'
import type { AppOutput } from '../run/app-output.ts'
import { plainRun, type ContainerRules, type RunsUntil, type SandboxRules } from '../run/contract/run-rules.ts'
import type { LimitName } from '../../domain/run-limit.ts'
import type { RunScope } from '../run/contract/run-scope.ts'
import type { Enclosure, RunningApp, RunOptions, RunPlace, ScopedRun } from '../run/contract/runner.ts'
import type { LobbySound } from '../sound/lobby-sound.ts'
import { waitingRoomText } from '../waiting-room/waiting-room-text.ts'
import { followResizes } from './follow-resizes.ts'

/** Everything that one run of an app stands on. Disposing of it undoes what was opened, last first. */
export interface Stage extends AsyncDisposable {
  readonly producer: Producer
  readonly display: Display | undefined
  /** That of the app's sound; undefined when there is none. */
  readonly sound: SoundLayout | undefined
  /** The app can hear those who speak to it. */
  readonly microphone: boolean
  /** Limits of the app that cannot be held on this machine. */
  readonly unheldLimits: readonly LimitName[]
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
  readonly app: App
  /** As they are when it is opened. */
  readonly settings: LobbySettings
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
/** A window manager is there within this time, or the app does not wait for it; how often that is looked for. */
const managedWithinMs = 2000
const lookAgainMs = 20

/** An app that opens no window for so long is shown all the same. */
export const firstWindowMs = 5000
const firstWindowOfManagerMs = 500
const lookForManagerMs = 100

/** Opens sound server and display, producer and app, in this order. Rejects with what failed; then nothing is left open. */
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
  const { app, settings } = options
  const { lines, tone } = source
  const { title } = waitingRoomText(settings.title, '')
  const producer = await openProducer(
    options,
    { kind: 'test-pattern', ...settings.size, fps: app.fps, title, lines, tone },
    opening,
  )
  const over = producer.closed.then(brokenBy('The picture'))
  return { producer, display: undefined, sound: tone, microphone: false, unheldLimits: [], over }
}

async function openOnDisplay(
  options: StageOptions,
  source: Extract<AppSource, { kind: 'display' }>,
  opening: AsyncDisposableStack,
): Promise<OpenedStage> {
  const { app, clock, directory, home, lobbyId, log, parts, settings, signal } = options
  opening.defer(() => removeDirectory(directory, log))
  await removeDirectory(directory, log)
  const names = ['display', 'app', 'xdg'] as const
  const [displayDirectory, appDirectory, runtimeDirectory] = await makeDirectories(directory, names)
  await ensureHome(home)
  const { limits, sandbox, container } = source.rules ?? plainRun
  const enclosure = enclosureOf(sandbox, container)
  const { devices, writable = [] } = enclosure?.rules ?? {}
  const request = { runId: lobbyId, limits, enclosure: enclosure?.kind, devices, writable, home, directory }
  const scope = opening.use(await parts.openScope(request))
  signal.throwIfAborted()

  const sounding = source.sound && openSound(options, scope, source.sound)
  opening.defer(async () => (await sounding)?.close())
  const shelter = await scope.shelter('display')
  const { size, layout = usualLayout } = settings
  const display = opening.use(await parts.openDisplay({ directory: displayDirectory, size, layout, shelter }))
  const sound = await sounding
  signal.throwIfAborted()
  const producer = await openProducer(options, captureOf(display, sound, app), opening)
  signal.throwIfAborted()

  await removeStaleLocks(home)
  await linkAuthority(home, display.authorityFile).catch((error: unknown) =>
    log.warn('Programs with an environment of their own will not find the display', { error: messageOf(error) }),
  )
  const launch = await source.prepare({ directory: appDirectory, home })
  const ownEnv = appEnvironment(options.environment, { home, runtimeDirectory, account: scope.account })
  const env = {
    // An image knows its own programs and its own user.
    ...(container ? {} : ownEnv),
    ...display.env,
    ...sound?.env,
    ...launch.env,
  }
  const { authorityFile, socket } = display
  const place: RunPlace = {
    home,
    runtimeDirectory,
    appDirectory,
    display: { name: socketPathOf(Number(display.name.slice(1))), socket, authorityFile },
    sound,
  }
  const { command, directory: startDirectory = home } = launch
  const { output, onProgress } = options
  const onOutput = (text: string) => output.write(text)
  const run = { env, place, onOutput, signal, ...(enclosure && { enclosure }) }
  if (launch.beside) {
    const besideEnv = { ...ownEnv, ...display.env, ...launch.beside.env }
    const beside = {
      command: launch.beside.command,
      env: besideEnv,
      place,
      onOutput,
      ...(enclosure && { enclosure: shutIn }),
    }
    const manager = opening.use(await openBeside(options, scope, beside))
    if (manager) await untilManaged(display, manager, options)
  }
  const isManaged = await display.hasManager()
  const access = options.grantAppAccess?.(lobbyId)
  if (access) opening.use(access)
  output.note(`${app.title} is starting`)
  for (const warning of scope.warnings) output.note(warning)
  const goesOn = whatGoesOn(source.rules?.runsUntil ?? 'command', display)
  const start = { ...run, command, directory: startDirectory, runId: lobbyId, onProgress }
  const running = opening.use(await scope.run({ ...start, env: { ...env, ...access?.env }, ...(goesOn && { goesOn }) }))
  const { afterResize } = launch
  if (afterResize) {
    const rerun = () => scope.run({ ...run, directory: home, command: afterResize, runId: `${lobbyId}-resize` })
    opening.use(followResizes(display.size, rerun, log))
  }
  await firstSight(display, { running, isManaged }, options)
  const displayLost = brokenBy('The display', () => scope.outOfMemory())
  const over = Promise.race([
    display.closed.then(displayLost),
    producer.closed.then(brokenBy('The picture')),
    whyAppEnded(app, running, { display, displayLost, clock }),
  ])
  const microphone = sound !== undefined
  return { producer, display, sound: sound?.layout, microphone, unheldLimits: scope.unheldLimits, over }
}

/** What an app has beside it is nothing to fail for. */
async function openBeside(
  { lobbyId, home, log, signal }: StageOptions,
  scope: RunScope,
  run: Pick<ScopedRun, 'env' | 'place' | 'onOutput' | 'enclosure'> & { readonly command: Command },
): Promise<RunningApp | undefined> {
  try {
    return await scope.run({ ...run, directory: home, runId: `${lobbyId}-beside`, signal })
  } catch (error) {
    signal.throwIfAborted()
    log.warn('What an app has beside it could not be started', { command: run.command[0], error })
    return undefined
  }
}

/** A window that comes up while a window manager takes over may be shown by neither. */
async function untilManaged(display: Display, manager: RunningApp, { clock, signal }: StageOptions): Promise<void> {
  const waiting = new AbortController()
  void manager.closed.then(() => waiting.abort())
  const endMs = clock.nowMs() + managedWithinMs
  while (!waiting.signal.aborted && clock.nowMs() < endMs && !(await display.hasManager())) {
    signal.throwIfAborted()
    await sleep(clock, lookAgainMs)
  }
}

async function openProducer(options: StageOptions, spec: SourceSpec, opening: AsyncDisposableStack): Promise<Producer> {
  const { lobbyId, parts, app } = options
  return opening.use(await parts.openProducer(lobbyId, { ...spec, ...(app.encoding && { encoding: app.encoding }) }))
}

/** Without sound an app is still worth showing, so that a failure here is only told. */
async function openSound(
  { lobbyId, log, parts }: StageOptions,
  scope: RunScope,
  layout: SoundLayout,
): Promise<LobbySound | undefined> {
  try {
    const shelter = await scope.shelter('sound')
    return await parts.openSound?.({ name: `porchlight-${lobbyId}`, layout, shelter })
  } catch (error) {
    log.warn('There is no sound: no sound server could be started', { error })
    return undefined
  }
}

/** What the app is shut in by its rules. */
/** What runs beside an app that is shut in, and speaks to the same X server, reaches nothing but that. */
const shutIn: Enclosure = {
  kind: 'sandbox',
  rules: { network: false, readable: [], writable: [], devices: [] },
}

function enclosureOf(sandbox: SandboxRules | undefined, container: ContainerRules | undefined): Enclosure | undefined {
  if (container) return { kind: 'container', rules: container }
  return sandbox && { kind: 'sandbox', rules: sandbox }
}

function captureOf(display: Display, sound: LobbySound | undefined, app: App): SourceSpec {
  return {
    kind: 'x11',
    display: display.name,
    authorityFile: display.authorityFile,
    fps: app.fps,
    sound: sound && {
      server: sound.address,
      cookieFile: sound.cookieFile,
      source: sound.monitor,
      layout: sound.layout,
      microphone: sound.microphoneSink,
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

/**
 * Resolves when there is something to see on a display, or when that is not waited for any longer. An app that becomes the
 * window manager itself may have no window at all, or wait for somebody to say where the first one goes.
 */
async function firstSight(
  display: Display,
  { running, isManaged }: { running: RunningApp; isManaged: boolean },
  { clock, signal }: StageOptions,
): Promise<void> {
  const enough = new AbortController()
  const over = AbortSignal.any([signal, enough.signal])
  const wait = (ms: number) => sleep(clock, ms, over).catch(() => {})
  const managing = async () => {
    while (!over.aborted && !(await display.hasManager().catch(() => true))) await wait(lookForManagerMs)
    await wait(firstWindowOfManagerMs)
  }
  const own = isManaged ? [] : [managing()]
  await Promise.race([display.firstWindow, running.closed, wait(firstWindowMs), ...own])
  enough.abort()
}

/** Whether a run whose command has ended goes on; undefined when it never does. */
function whatGoesOn(runsUntil: RunsUntil, display: Display): RunOptions['goesOn'] {
  if (runsUntil === 'command') return undefined
  return runsUntil === 'last-window' ? () => display.hasWindows() : async (processes) => (await processes()) > 0
}

async function whyAppEnded(
  app: App,
  running: RunningApp,
  { display, displayLost, clock }: { display: Display; displayLost: WhyBroken; clock: Clock },
): Promise<StageEnd> {
  const end = await running.closed
  const blame = new AbortController()
  const displayEnd = await Promise.race([
    display.closed,
    sleep(clock, displayBlameMs, blame.signal).catch(() => undefined),
  ])
  blame.abort()
  if (displayEnd) return displayLost(displayEnd)
  const how = end.kind === 'error' ? `: ${withLastWords(messageOf(end.error), running.output.at(-1))}` : ''
  return { kind: 'app-ended', reason: `${app.title} has ended${how}` }
}

function withLastWords(message: string, lastWords: string | undefined): string {
  return lastWords === undefined || message.includes(lastWords) ? message : `${message} (${lastWords})`
}

type WhyBroken = (end: End) => Promise<StageEnd>

/** `better`: a reason that explains what the part itself says. */
function brokenBy(what: string, better?: () => Promise<string | undefined>): WhyBroken {
  return async (end) => {
    const said = end.kind === 'error' ? messageOf(end.error) : end.reason
    return { kind: 'broken', reason: `${what} was lost: ${(await better?.()) ?? said}` }
  }
}

/** Processes that are just ending may still write there, and then it takes a few tries. */
async function removeDirectory(directory: string, log: Log): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  } catch (error) {
    log.warn('A directory of a lobby could not be removed', { directory, error })
  }
}
