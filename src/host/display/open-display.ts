import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { defaultPath } from '../child/find-executable.ts'
import { noShelter, type Shelter } from '../child/shelter.ts'
import { cookieLength, writeAuthority } from './x11/authority.ts'
import { openClipboard } from './clipboard/display-clipboard.ts'
import type { Display } from './contract/display.ts'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'
import type { Size } from '../../domain/size.ts'
import { displaySize } from './display-size.ts'
import { openInputDevices } from './input/input-devices.ts'
import { applyLayout } from './keyboard-layout.ts'
import { VirtualDisplay } from './virtual-display.ts'
import { endXServer, startXServer, viewOf, type ServerName } from './x-server.ts'
import { openXConnection } from './x11/x-connection.ts'

export interface DisplayOptions {
  /** Where the display keeps its cookie, in a directory of its own that goes when it ends. */
  readonly runtimeDirectory: string
  /** 320x240 to 7680x4320, upright too; odd sides lose a pixel. */
  readonly size: Size
  readonly layout: KeyboardLayout
  /** Of the host that the display belongs to: what it leaves is found by that when the host was killed. */
  readonly hostId?: string
  /** What its server is shut in; nothing when left out. */
  readonly shelter?: Shelter
  readonly log: Log
  readonly clock: Clock
  /** So many unpredictable bytes; the operating system's by default. */
  readonly random?: (length: number) => Uint8Array
  /** The server to take if it is there; Xvnc by default, as it can be resized. */
  readonly prefer?: ServerName
  /** Where programs are looked for, like PATH; the standard directories by default. */
  readonly searchPath?: string
}

/**
 * Opens a display on an X server of its own. `closed` tells an error as soon as the server dies or hangs.
 *
 * Rejects with {@link DisplayError}: `server-missing`, `server-did-not-start`, `connection-failed`, `layout-failed`,
 * `resize-failed` for a size that no display can have.
 */
export async function openDisplay(options: DisplayOptions): Promise<Display> {
  const { clock, layout, random = randomBytes, searchPath = defaultPath, shelter = noShelter } = options
  const size = displaySize(options.size)
  await mkdir(options.runtimeDirectory, { recursive: true, mode: 0o700 })
  await using undo = new AsyncDisposableStack()
  const directory = await mkdtemp(join(options.runtimeDirectory, 'display-'))
  undo.defer(() => rm(directory, { recursive: true, force: true }))
  const authorityFile = join(directory, 'authority')
  const cookie = random(cookieLength)
  await writeAuthority(authorityFile, cookie)
  const server = await startXServer({ ...options, size, authorityFile, directory, shelter })
  undo.defer(() => endXServer(server))
  const name = `:${server.displayNumber}`
  const log = options.log.with({ display: name })
  const env = { DISPLAY: name, XAUTHORITY: authorityFile }
  const wrapper = shelter.wrap(viewOf(directory))
  const setLayout = (next: KeyboardLayout) =>
    applyLayout(next, { env: { ...env, PATH: searchPath }, directory, wrapper, clock })
  await setLayout(layout)
  const x = undo.use(await openXConnection({ displayNumber: server.displayNumber, cookie, log, clock }))
  let display: VirtualDisplay | undefined
  const devices = await openInputDevices({ x, clock, log, size: () => display?.size.value ?? size })
  undo.defer(() => devices.close())
  const clipboard = await openClipboard({ x, clock, log })
  undo.defer(() => clipboard.close())
  const release = undo.move()
  display = new VirtualDisplay({
    ...server,
    x,
    devices,
    clipboard,
    size,
    layout,
    setLayout,
    env,
    authorityFile,
    clock,
    log,
    release,
  })
  display.watch()
  log.info('Opened a display', { server: server.server, width: size.width, height: size.height, layout })
  return display
}
