import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../../test/support/eventually.ts'
import { sleep, systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log.ts'
import { until, Writable } from '../kernel/readable.ts'
import type { AccessUnit, AudioUnit } from '../media/contract/access-unit.ts'
import { openMediaProcess, type MediaProcess } from '../media/media-process.ts'
import type { MediaSink, Producer, Watch } from '../media/contract/producer.ts'
import { listApps } from './apps/app-list.ts'
import { testPattern } from './apps/test-pattern.ts'
import { findExecutable } from './child/find-executable.ts'
import { listProcesses } from './child/process-table.ts'
import { openDisplay } from './display/open-display.ts'
import type { OpenHost } from './host-counters.ts'
import type { HostParts } from './contract/host-parts.ts'
import type { Lobby } from './contract/lobby.ts'
import type { Member } from '../domain/member.ts'
import { openHost } from './open-host.ts'
import { openRunners } from './run/runners.ts'
import { findPulseaudio } from './sound/find-pulseaudio.ts'
import { openLobbySound } from './sound/open-lobby-sound.ts'
import type { StreamSession } from './contract/stream-session.ts'

/** The host on the parts that a server gives it: X server, sound server, processes, media processes. */

const player: Member = { id: 'p', name: 'Ada', role: 'player', lobbies: 'all' }
const log = silentLog
const clock = systemClock
const find = (name: string) => findExecutable(name)
const abilities = { whyNoSandbox: async () => 'It is not looked for here' }
const apps = await listApps({ find, abilities, asRoot: process.getuid?.() === 0 })
const terminal = apps.find(({ id }) => id === 'terminal')
const pulseaudio = await findPulseaudio().catch(() => undefined)
const noSound = pulseaudio === undefined
const needsTerminal = { skip: terminal?.unavailable ?? false, timeout: 60_000 }

interface Rig extends AsyncDisposable {
  readonly host: OpenHost
  readonly directory: string
  /** Media processes by the producer or the rooms they are for. */
  readonly media: ReadonlyMap<string, MediaProcess>
}

async function openRig(t: TestContext): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-host-'))
  const media = new Map<string, MediaProcess>()
  const openNamed = async (name: string) => {
    const opened = await openMediaProcess({ name, log, clock })
    media.set(name, opened)
    void opened.closed.then(() => media.get(name) === opened && media.delete(name))
    return opened
  }
  const stack = new AsyncDisposableStack()
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const rooms = stack.use(await openNamed('rooms'))
  const hostId = randomUUID().slice(-12)
  const runners = await openRunners({ find, engine: { problem: 'none' }, appUser: 'own', hostId, clock, log })
  stack.defer(() => runners.close())
  const parts: HostParts = {
    openSound: noSound
      ? undefined
      : (asked) => openLobbySound({ ...asked, runtimeDirectory: directory, version: pulseaudio, hostId, log, clock }),
    gamepads: undefined,
    layouts: [],
    openDisplay: ({ directory: runtimeDirectory, ...rest }) => openDisplay({ runtimeDirectory, ...rest, log, clock }),
    openScope: (request) => runners.openScope(request),
    openProducer: async (id, spec) => {
      const own = await openNamed(id)
      return withItsProcess(own.addProducer(id, spec), own)
    },
    openWaitingRoom: (id, { title, lines }) =>
      rooms.addProducer(id, { kind: 'test-pattern', width: 640, height: 360, fps: 30, title, lines, tone: undefined }),
  }
  const host = stack.use(
    await openHost({
      parts,
      apps: new Writable([...(terminal ? [terminal] : []), testPattern]),
      runDirectory: join(directory, 'run'),
      dataDirectory: join(directory, 'data'),
      environment: process.env,
      clock,
      log,
    }),
  )
  t.after(() => stack.disposeAsync())
  return { host, directory, media, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A producer and the process that is there for it alone, as one. */
function withItsProcess(producer: Producer, own: MediaProcess): Producer {
  return {
    id: producer.id,
    state: producer.state,
    voices: producer.voices,
    still: () => producer.still(),
    offer: (request) => producer.offer(request),
    watch: (request, sink) => producer.watch(request, sink),
    closed: own.closed,
    close: (reason) => own.close(reason),
    [Symbol.asyncDispose]: () => own.close(),
  }
}

/** A viewer that counts what it gets. */
class Viewer implements MediaSink {
  readonly pictures = new Writable(0)
  readonly sounds = new Writable(0)
  /** Size of the last picture. */
  readonly size = new Writable('')
  watch: Watch | undefined
  firstWasKey: boolean | undefined

  video(unit: AccessUnit): void {
    this.firstWasKey ??= unit.key
    this.size.set(`${unit.width}x${unit.height}`)
    this.pictures.set(this.pictures.value + 1)
  }

  audio(_unit: AudioUnit): void {
    this.sounds.set(this.sounds.value + 1)
  }

  /** Resolves after so many more pictures. */
  async more(count = 1): Promise<void> {
    const wanted = this.pictures.value + count
    await until(this.pictures, (pictures) => pictures >= wanted)
  }
}

function watch(session: StreamSession): Viewer {
  const viewer = new Viewer()
  viewer.watch = session.attach({ codecs: ['h264'], bitrateBps: 4_000_000, audio: true }, viewer)
  return viewer
}

async function openLobby({ host }: Rig, appId: string): Promise<Lobby> {
  const lobby = await host.createLobby({ appId })
  const status = await until(lobby.status, ({ status: now }) => now === 'running' || now === 'ended')
  assert.deepEqual(status, { status: 'running' })
  return lobby
}

const isIn = (kind: string) => (place: { kind: string }) => place.kind === kind

/** The process that runs `command` and has `needle` in its arguments or its environment; 0 when there is none. */
async function findPid(command: RegExp, needle: string): Promise<number> {
  for (const { pid } of await listProcesses()) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')
    const commandLine = await read('cmdline')
    if (command.test(commandLine) && (commandLine + (await read('environ'))).includes(needle)) return pid
  }
  return 0
}

/** Waits for it: a running lobby's first process may still be on its way to the program. */
function pidOf(command: RegExp, needle: string): Promise<number> {
  return eventually(
    () => findPid(command, needle),
    (pid) => pid !== 0,
    { what: `a process of ${command} with ${needle}` },
  )
}

test(
  'a session is fed by its waiting room at once, by the lobby after a join, and by the room again',
  { timeout: 60_000 },
  async (t) => {
    const rig = await openRig(t)
    const session = rig.host.createSession(player)
    const viewer = watch(session)
    await viewer.more(3)
    assert.equal(viewer.firstWasKey, true)
    assert.equal(viewer.size.value, '640x360')
    const lobby = await openLobby(rig, 'test-pattern')
    await session.join(lobby.id)
    await until(viewer.size, (size) => size === '1280x720')
    await until(viewer.sounds, (sounds) => sounds > 10)
    await session.leave()
    await until(viewer.size, (size) => size === '640x360')
    await viewer.more(3)
  },
)

test(
  'a media process that is killed is replaced; the app goes on and the viewer waits meanwhile',
  needsTerminal,
  async (t) => {
    const rig = await openRig(t)
    const lobby = await openLobby(rig, 'terminal')
    const session = rig.host.createSession(player)
    const viewer = watch(session)
    await session.join(lobby.id)
    await until(viewer.size, (size) => size === '1280x720')
    const shell = await pidOf(/xterm\0/, lobby.id)
    const pid = rig.media.get(lobby.id)?.pid.value ?? assert.fail()
    process.kill(pid, 'SIGKILL')
    await until(session.place, isIn('waiting-room'))
    await until(viewer.size, (size) => size === '640x360')
    await until(session.place, isIn('lobby'))
    await until(viewer.size, (size) => size === '1280x720')
    assert.equal(await pidOf(/xterm\0/, lobby.id), shell)
  },
)

test('a display that is killed is replaced, and the viewer sees the app again', needsTerminal, async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'terminal')
  const session = rig.host.createSession(player)
  const viewer = watch(session)
  await session.join(lobby.id)
  await until(viewer.size, (size) => size === '1280x720')
  process.kill(await pidOf(/^[^\0]*Xv(nc|fb)\0/, rig.directory), 'SIGKILL')
  await until(session.place, isIn('waiting-room'))
  await until(viewer.size, (size) => size === '640x360')
  await until(session.place, isIn('lobby'))
  await until(viewer.size, (size) => size === '1280x720')
  assert.equal(lobby.status.value.status, 'running')
})

test('a resize is seen without a stay in the waiting room', needsTerminal, async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'terminal')
  const session = rig.host.createSession(player)
  const viewer = watch(session)
  await session.join(lobby.id)
  await until(viewer.size, (size) => size === '1280x720')
  const places: string[] = []
  session.place.subscribe(({ kind }) => places.push(kind))
  for (const [width, height] of [
    [1600, 900],
    [800, 600],
  ] as const) {
    await rig.host.changeLobby(lobby.id, { size: { width, height } })
    await until(viewer.size, (size) => size === `${width}x${height}`)
  }
  assert.deepEqual(places, [])
})

test('what is typed is seen by everybody in the lobby', needsTerminal, async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'terminal')
  const [typing, looking] = [rig.host.createSession(player), rig.host.createSession({ ...player, role: 'viewer' })]
  const viewers = [watch(typing), watch(looking)]
  await typing.join(lobby.id)
  await looking.join(lobby.id)
  await Promise.all(viewers.map((viewer) => until(viewer.size, (size) => size === '1280x720')))
  // More pictures in this time than a picture that stands still is refreshed by.
  const seen = Promise.all(viewers.map((viewer) => viewer.more(10))).then(() => true)
  const keys = clock.every(50, () => typing.input({ type: 'text', text: 'x' }))
  const inTime = await Promise.race([seen, sleep(clock, 3000).then(() => false)])
  keys.cancel()
  assert.ok(inTime)
})

test(
  'a sound server that is killed does not end the lobby',
  { ...needsTerminal, skip: needsTerminal.skip || noSound },
  async (t) => {
    const rig = await openRig(t)
    const lobby = await openLobby(rig, 'terminal')
    assert.equal(lobby.sound, 'stereo')
    const session = rig.host.createSession(player)
    const viewer = watch(session)
    await session.join(lobby.id)
    await until(viewer.size, (size) => size === '1280x720')
    process.kill(await pidOf(/^[^\0]*pulseaudio\0/, rig.directory), 'SIGKILL')
    session.input({ type: 'text', text: 'x' })
    await viewer.more(1)
    assert.equal(lobby.status.value.status, 'running')
  },
)

test('close leaves no process and no file behind', needsTerminal, async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'terminal')
  const session = rig.host.createSession(player)
  watch(session)
  await session.join(lobby.id)
  const beganMs = clock.nowMs()
  await rig.host.close()
  const tookMs = clock.nowMs() - beganMs
  assert.ok(tookMs < 5000, `it took ${tookMs} ms`)
  assert.deepEqual(await readdir(join(rig.directory, 'run')), [])
  assert.deepEqual([...rig.media.keys()], ['rooms'])
  for (const { pid } of await listProcesses()) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    assert.ok(!environment.includes(`PORCHLIGHT_RUN=${lobby.id}.`), `process ${pid} is left`)
  }
})
