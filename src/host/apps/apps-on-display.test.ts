import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Answer } from 'x11'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { until, Writable } from '../../kernel/readable.ts'
import { findExecutable } from '../child/find-executable.ts'
import { listProcesses } from '../child/process-table.ts'
import type { Display } from '../display/contract/display.ts'
import { openDisplay } from '../display/open-display.ts'
import { openXConnection } from '../display/x11/x-connection.ts'
import type { OpenHost } from '../host-counters.ts'
import type { HostParts } from '../contract/host-parts.ts'
import type { Lobby } from '../contract/lobby.ts'
import type { Member } from '../../domain/member.ts'
import { MemoryParts } from '../memory/memory-parts.ts'
import { openHost } from '../open-host.ts'
import { runProcess } from '../run/run-process.ts'
import { plainScope } from '../run/contract/run-scope.ts'
import { plainRun } from '../run/contract/run-rules.ts'
import { definedApp } from './defined-app.ts'
import { listApps } from './app-list.ts'

/** The real apps on real displays; pictures are read from the display, since what captures them is another part. */

const player: Member = { id: 'p', name: 'Ada', role: 'player', lobbies: 'all' }
const log = silentLog
const clock = systemClock
const find = (name: string) => findExecutable(name)
const modes = ['maximized', 'floating', 'none'] as const
const ownApps = modes.map((window) =>
  definedApp(
    {
      id: window,
      title: 'Red',
      size: { width: 800, height: 600 },
      fps: 30,
      encoding: undefined,
      sound: undefined,
      source: {
        ...plainRun,
        kind: 'display',
        command: ['xterm', '-bg', '#ff0000', '-e', 'sleep', '100'],
        environment: {},
        directory: undefined,
        profile: window,
        window,
      },
    },
    {
      find,
      abilities: {
        whyNoLimits: async () => undefined,
        whyNoSandbox: async () => undefined,
        whyNoContainer: async () => undefined,
      },
    },
  ),
)
const apps = [
  ...(await listApps({
    find,
    abilities: { whyNoSandbox: async () => 'It is not looked for here' },
    asRoot: process.getuid?.() === 0,
  })),
  ...(await Promise.all(ownApps)),
]
const whyNot = (id: string) => apps.find((app) => app.id === id)?.unavailable ?? false

interface Rig {
  readonly host: OpenHost
  readonly directory: string
  /** The display of the one lobby, as it is now. */
  display(): Display
}

async function openRig(t: TestContext): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'porchlight-apps-'))
  const memory = new MemoryParts()
  const displays = new Set<Display>()
  const parts: HostParts = {
    openSound: undefined,
    gamepads: undefined,
    layouts: [],
    openDisplay: async ({ directory: runtimeDirectory, ...rest }) => {
      const display = await openDisplay({ runtimeDirectory, ...rest, log, clock })
      displays.add(display)
      void display.closed.then(() => displays.delete(display))
      return display
    },
    openScope: async () => plainScope((options) => runProcess({ ...options, log, clock })),
    openProducer: (id, spec) => memory.openProducer(id, spec),
    openWaitingRoom: (id, text) => memory.openWaitingRoom(id, text),
  }
  const host = await openHost({
    parts,
    apps: new Writable(apps),
    runDirectory: join(directory, 'run'),
    dataDirectory: join(directory, 'data'),
    environment: process.env,
    clock,
    log,
  })
  t.after(async () => {
    await host.close()
    await rm(directory, { recursive: true, force: true })
  })
  return { host, directory, display: () => [...displays][0] ?? assert.fail('there is no display') }
}

async function openLobby({ host }: Rig, appId: string): Promise<Lobby> {
  const lobby = await host.createLobby({ appId })
  const status = await until(lobby.status, ({ status: now }) => now === 'running' || now === 'ended')
  assert.deepEqual(status, { status: 'running' })
  return lobby
}

/** A pixel as 0xRRGGBB. */
type Picture = (x: number, y: number) => number

async function look(display: Display): Promise<Picture> {
  const displayNumber = Number(display.name.slice(1))
  const cookie = (await readFile(display.authorityFile)).subarray(-16)
  await using x = await openXConnection({ displayNumber, cookie, log, clock })
  const { width, height } = display.size.value
  const zPixmap = 2
  const client = x.client as unknown as Pictures
  const { data } = await x.ask<{ data: Buffer }>((answer) =>
    client.GetImage(zPixmap, x.root, 0, 0, width, height, 0xffffffff, answer),
  )
  return (column, row) => data.readUIntLE((row * width + column) * 4, 3)
}

/** What `x11` has beside its typed part. */
interface Pictures {
  GetImage(
    format: number,
    drawable: number,
    x: number,
    y: number,
    width: number,
    height: number,
    planes: number,
    answer: Answer<{ data: Buffer }>,
  ): void
}

/** Looks again and again until the picture is as wanted. */
async function lookUntil(t: TestContext, rig: Rig, wanted: (picture: Picture) => boolean): Promise<Picture> {
  for (;;) {
    t.signal.throwIfAborted()
    const picture = await look(rig.display())
    if (wanted(picture)) return picture
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const terminalColour = 0x141827
const isTerminalIn =
  (corners: readonly (readonly [number, number])[]) =>
  (picture: Picture): boolean =>
    corners.every(([x, y]) => picture(x, y) === terminalColour)

/** Whether something that is not background is in the first line of the terminal. */
const hasPrompt = (picture: Picture): boolean =>
  Array.from({ length: 200 }, (_, x) => picture(12 + x, 20)).some((colour) => colour !== terminalColour)

async function pidOfServer(display: Display): Promise<number> {
  for (const { pid } of await listProcesses()) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (/^[^\0]*Xv(nc|fb)\0/.test(commandLine) && commandLine.includes(display.authorityFile)) return pid
  }
  assert.fail(`no server of ${display.name}`)
}

const options = (appId: string) => ({ skip: whyNot(appId), timeout: 60_000 })

test(
  'terminal fills its display, follows a resize, does what is typed, and ends with its shell',
  options('terminal'),
  async (t) => {
    const rig = await openRig(t)
    const lobby = await openLobby(rig, 'terminal')
    await lookUntil(
      t,
      rig,
      (picture) =>
        isTerminalIn([
          [2, 2],
          [1277, 2],
          [2, 717],
          [1277, 717],
        ])(picture) && hasPrompt(picture),
    )

    await rig.host.changeLobby(lobby.id, { size: { width: 1000, height: 600 } })
    await lookUntil(
      t,
      rig,
      isTerminalIn([
        [2, 2],
        [997, 2],
        [2, 597],
        [997, 597],
      ]),
    )

    const session = rig.host.createSession(player)
    await session.join(lobby.id)
    session.input({ type: 'text', text: `echo "$0 $HOME" > ~/said; exit` })
    session.input({ type: 'key', code: 'Enter', key: 'Enter', down: true })
    session.input({ type: 'key', code: 'Enter', key: 'Enter', down: false })
    await until(lobby.status, ({ status }) => status === 'ended')
    assert.deepEqual(lobby.status.value, { status: 'ended', reason: 'Terminal has ended' })
    const home = join(rig.directory, 'data', 'homes', 'terminal', 'default')
    assert.match(await readFile(join(home, 'said'), 'utf8'), new RegExp(`${home}\\n$`))
  },
)

test('terminal comes back by itself, in the same home, when its display is killed', options('terminal'), async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'terminal')
  const session = rig.host.createSession(player)
  await session.join(lobby.id)
  await lookUntil(t, rig, hasPrompt)
  const killed = rig.display()
  process.kill(await pidOfServer(killed), 'SIGKILL')
  const { reason } = (await until(session.place, ({ kind }) => kind === 'waiting-room')) as { reason: string }
  assert.match(reason, /The display was lost/)
  await until(session.place, ({ kind }) => kind === 'lobby')
  await lookUntil(t, rig, hasPrompt)
  assert.notEqual(rig.display(), killed)
  await rig.host.stopLobby(lobby.id, 'Enough')
  assert.deepEqual(await readdir(join(rig.directory, 'run')), [], 'nothing of the lobby is left')
})

test('desktop shows its wallpaper at every size, a panel and a terminal', options('desktop'), async (t) => {
  const rig = await openRig(t)
  const lobby = await openLobby(rig, 'desktop')
  const isNight = (colour: number) => (colour & 0xff) > colour >> 16 && colour !== 0
  await lookUntil(t, rig, (picture) => picture(200, 300) === terminalColour && isNight(picture(1270, 10)))
  const panel = await lookUntil(t, rig, (picture) => (picture(26, 699) & 0xff0000) !== (picture(600, 699) & 0xff0000))
  assert.notEqual(panel(600, 699), panel(600, 600))
  if (!lobby.resizable) return
  await rig.host.changeLobby(lobby.id, { size: { width: 1600, height: 900 } })
  // The lit window of the house on the wallpaper, which stands in the lower right of every size.
  await lookUntil(t, rig, (picture) => picture(1267, 697) >> 16 > 0xc0)
})

test(
  'an app of one’s own fills the display, has a frame, or is left alone, as it is told',
  { timeout: 60_000 },
  async (t) => {
    const ground = terminalColour
    const red = 0xff0000
    /** Near the top, in the middle, and at the bottom right. */
    const wanted = {
      maximized: [red, red, red],
      floating: [ground, red, ground],
      none: [red, undefined, ground],
    } as const
    for (const mode of modes) {
      const rig = await openRig(t)
      const lobby = await openLobby(rig, mode)
      await lookUntil(t, rig, (picture) => {
        const seen = [picture(100, 8), picture(400, 300), picture(796, 596)]
        return wanted[mode].every((colour, index) => colour === undefined || colour === seen[index])
      })
      assert.equal(await rig.display().hasManager(), mode !== 'none', mode)
      await rig.host.stopLobby(lobby.id, 'seen')
    }
  },
)
