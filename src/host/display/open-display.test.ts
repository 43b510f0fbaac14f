import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { connectTo } from '../../../test/support/probe-window.ts'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { until } from '../../kernel/readable.ts'
import { listProcesses } from '../child/process-table.ts'
import { CharacterTable } from './input/keysyms.ts'
import { DisplayError } from './contract/display-error.ts'
import type { Display } from './contract/display.ts'
import type { Size } from '../../domain/size.ts'
import { openDisplay, type DisplayOptions } from './open-display.ts'
import { findServerSocket, type ServerSocket } from './server-socket.ts'
import { openXConnection } from './x11/x-connection.ts'

let runtimeDirectory: string
before(async () => void (runtimeDirectory = await mkdtemp(join(tmpdir(), 'open-display-'))))
after(() => rm(runtimeDirectory, { recursive: true, force: true }))

const open = (options: Partial<DisplayOptions> = {}): Promise<Display> =>
  openDisplay({ runtimeDirectory, size: { width: 640, height: 480 }, layout: 'us', log, clock, ...options })

const numberOf = (display: Display) => Number(display.name.slice(1))

/** What a display's server is known by: its process, and its socket as long as no other server has taken the number. */
interface Traces {
  readonly pid: number
  readonly socket: ServerSocket
}

async function tracesOf(display: Display): Promise<Traces> {
  return { pid: await serverPid(display), socket: await findServerSocket(numberOf(display)) }
}

/** The process id of the display's server, which is a child of this process that knows the cookie's file. */
async function serverPid(display: Display): Promise<number> {
  for (const { pid, parentPid } of await listProcesses()) {
    if (parentPid !== process.pid) continue
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (commandLine.includes(display.authorityFile)) return pid
  }
  throw new Error(`Cannot find the server of display ${display.name}`)
}

/** What is left of a display: files, sockets, processes. */
async function remains(display: Display, { pid, socket }: Traces): Promise<readonly string[]> {
  const now = await findServerSocket(numberOf(display)).catch(() => undefined)
  const files = [now?.identity === socket.identity ? socket.path : '', display.authorityFile]
  const processes = (await listProcesses()).filter((entry) => entry.groupId === pid || entry.sessionId === pid)
  return [...files.filter((file) => existsSync(file)), ...processes.map((entry) => String(entry.pid))]
}

/** The size as another client of the display sees it. */
async function seenSize(display: Display): Promise<Size> {
  await using x = await connectTo(display)
  const { pixel_width: width, pixel_height: height } = x.connected.screen[0]
  return { width, height }
}

for (const prefer of ['Xvnc', 'Xvfb'] as const) {
  describe(`openDisplay with ${prefer}`, () => {
    it('tells of the first window that is large enough to be seen', async () => {
      await using display = await open({ prefer })
      let told = false
      void display.firstWindow.then(() => (told = true))
      await using x = await connectTo(display)
      const show = async (width: number, height: number) => {
        const id = x.client.AllocID()
        const values = { eventMask: 0, overrideRedirect: true }
        x.client.CreateWindow(id, x.root, 0, 0, width, height, 0, 0, 1, 0, values)
        x.client.MapWindow(id)
        await x.roundTrip()
      }
      await show(1, 1)
      await using other = await open({ prefer })
      assert.deepEqual([told, await display.hasWindows()], [false, false])
      await show(100, 100)
      await display.firstWindow
      assert.equal(await display.hasWindows(), true)
      await x.close()
      assert.equal(await display.hasWindows(), false, 'it went with its program')
      await other.close()
      await other.firstWindow
    })

    it('opens a display of the size that was asked for', async () => {
      await using display = await open({ prefer })
      assert.equal(display.server, prefer)
      assert.deepEqual(display.env, { DISPLAY: display.name, XAUTHORITY: display.authorityFile })
      assert.deepEqual(await seenSize(display), { width: 640, height: 480 })
    })

    it('lets in only who has the cookie, which only its owner can read', async () => {
      await using display = await open({ prefer })
      assert.equal((await stat(display.authorityFile)).mode & 0o777, 0o600)
      const displayNumber = numberOf(display)
      await assert.rejects(openXConnection({ displayNumber, cookie: new Uint8Array(16), log, clock }), {
        code: 'connection-failed',
      })
    })

    it('listens on no network port', async () => {
      await using display = await open({ prefer })
      for (const port of [5900 + numberOf(display), 6000 + numberOf(display)]) {
        const socket = createConnection(port, '127.0.0.1')
        await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
      }
    })

    it('leaves nothing behind when it is closed', async () => {
      await using display = await open({ prefer })
      const traces = await tracesOf(display)
      await display.close('enough')
      assert.deepEqual(await display.closed, { kind: 'clean', reason: 'enough' })
      assert.deepEqual(await remains(display, traces), [])
      assert.deepEqual(await readdir(runtimeDirectory), [])
    })

    it('tells at once when its server is killed, and leaves nothing behind', async () => {
      await using display = await open({ prefer })
      const input = display.openInput()
      const traces = await tracesOf(display)
      const beforeMs = clock.nowMs()
      process.kill(traces.pid, 'SIGKILL')
      const end = await display.closed
      assert.ok(clock.nowMs() - beforeMs < 1000)
      assert.ok(end.kind === 'error' && end.error instanceof DisplayError)
      assert.equal(end.error.code, 'server-died')
      assert.match(end.error.message, new RegExp(`${prefer} was killed by SIGKILL`))
      assert.deepEqual(await remains(display, traces), [])
      input.send({ type: 'key', code: 'KeyA', key: 'a', down: true })
      input.close()
    })
  })
}

describe('openDisplay', () => {
  it('says which package to install when there is no server', async () => {
    await assert.rejects(open({ searchPath: runtimeDirectory }), (error) => {
      assert.ok(error instanceof DisplayError)
      assert.equal(error.code, 'server-missing')
      assert.match(error.message, /tigervnc-standalone-server.*xvfb/)
      return true
    })
    assert.deepEqual(await readdir(runtimeDirectory), [])
  })

  it('tells what the server said when it does not start', async () => {
    const searchPath = await mkdtemp(join(tmpdir(), 'broken-server-'))
    try {
      await writeFile(join(searchPath, 'Xvnc'), '#!/bin/sh\necho "cannot do that" >&2\nexit 1\n', { mode: 0o755 })
      await assert.rejects(open({ searchPath }), { code: 'server-did-not-start', message: /Xvnc.*cannot do that/ })
      assert.deepEqual(await readdir(runtimeDirectory), [])
    } finally {
      await rm(searchPath, { recursive: true })
    }
  })

  it('takes what there is when the preferred server is missing', async () => {
    await using display = await open({ prefer: 'Xvfb' })
    assert.equal(display.server, 'Xvfb')
  })

  it('refuses a size that no display can have', async () => {
    await assert.rejects(open({ size: { width: 100, height: 100 } }), { code: 'resize-failed' })
  })

  it('opens several at once, each on a number of its own', async () => {
    const displays = await Promise.all([open(), open({ prefer: 'Xvfb' }), open()])
    assert.equal(new Set(displays.map((display) => display.name)).size, 3)
    await Promise.all(displays.map((display) => display.close()))
  })

  it('kills a server that hangs, within eight seconds', async () => {
    await using display = await open()
    const traces = await tracesOf(display)
    const beforeMs = clock.nowMs()
    process.kill(traces.pid, 'SIGSTOP')
    const end = await display.closed
    assert.ok(clock.nowMs() - beforeMs < 8000)
    assert.ok(end.kind === 'error' && end.error instanceof DisplayError)
    assert.equal(end.error.code, 'server-hung')
    assert.deepEqual(await remains(display, traces), [])
  })
})

describe('resize', () => {
  it('gives any size from the smallest to the largest, and back', async () => {
    await using display = await open()
    const sizes = ['320x240', '3840x2160', '1366x768', '720x1280', '640x480'].map((text) => text.split('x').map(Number))
    for (const [width = 0, height = 0] of sizes) {
      await display.resize({ width, height })
      assert.deepEqual(display.size.value, { width, height })
      assert.deepEqual(await seenSize(display), { width, height })
    }
  })

  it('makes odd sides even', async () => {
    await using display = await open()
    await display.resize({ width: 1001, height: 701 })
    assert.deepEqual(await seenSize(display), { width: 1000, height: 700 })
  })

  it('refuses what is out of bounds and stays as it is', async () => {
    await using display = await open()
    await assert.rejects(display.resize({ width: 7682, height: 480 }), { code: 'resize-failed' })
    assert.deepEqual(await seenSize(display), { width: 640, height: 480 })
  })

  it('ends at the latest size when many are asked for at once', async () => {
    await using display = await open()
    const changes: Size[] = []
    display.size.subscribe((size) => changes.push(size))
    const widths = [800, 900, 1000, 1100, 1200, 1300]
    await Promise.all(widths.map((width) => display.resize({ width, height: 600 })))
    assert.deepEqual(await seenSize(display), { width: 1300, height: 600 })
    assert.ok(changes.length <= 2, 'what came between the first and the last was left out')
  })

  it('is told of when an app changes the size', async () => {
    await using display = await open()
    const changed = until(display.size, ({ width }) => width === 1280)
    await promisify(execFile)('xrandr', ['--output', 'VNC-0', '--mode', '1280x720'], {
      env: { ...process.env, ...display.env },
    })
    assert.deepEqual(await changed, { width: 1280, height: 720 })
    await display.resize({ width: 640, height: 480 })
    assert.deepEqual(await seenSize(display), { width: 640, height: 480 })
  })

  it('leaves no modes behind', async () => {
    await using display = await open()
    for (let width = 600; width < 700; width += 10) await display.resize({ width, height: 500 })
    await using x = await connectTo(display)
    const { modeinfos } = await x.ask<{ modeinfos: readonly { name: string }[] }>((answer) =>
      x.randr.GetScreenResourcesCurrent(x.root, answer),
    )
    assert.deepEqual(
      modeinfos.map((mode) => mode.name).filter((name) => name.startsWith('porchlight-')),
      ['porchlight-690x500'],
    )
  })

  it('rejects on Xvfb, which cannot', async () => {
    await using display = await open({ prefer: 'Xvfb' })
    await assert.rejects(display.resize({ width: 800, height: 600 }), { code: 'resize-unsupported' })
  })

  it('rejects when the display has ended', async () => {
    const display = await open()
    await display.close()
    await assert.rejects(display.resize({ width: 800, height: 600 }), DisplayError)
  })
})

describe('setLayout', () => {
  it('gives the keyboard each layout, the last one when several are asked for at once', async () => {
    await using display = await open({ layout: 'de' })
    assert.equal(display.layout.value, 'de')
    await Promise.all((['fr', 'us', 'fr'] as const).map((layout) => display.setLayout(layout)))
    assert.equal(display.layout.value, 'fr')
    await using x = await connectTo(display)
    const [row] = await x.ask<readonly (readonly number[])[]>((answer) => x.client.GetKeyboardMapping(24, 1, answer))
    assert.equal(String.fromCodePoint(row?.[0] ?? 0), 'a')
  })
  it('takes any layout of the machine by its name, with its variant', async () => {
    await using display = await open()
    await using x = await connectTo(display)
    const writes = {
      'us(dvorak)': "'",
      ru: 'й',
      gr: ';',
      il: '/',
      kr: 'q',
      'cz(qwerty)': 'q',
      'tr(f)': 'f',
      'fr(bepo)': 'b',
    }
    const characters = new CharacterTable()
    for (const [layout, character] of Object.entries(writes)) {
      await display.setLayout(layout)
      const [row] = await x.ask<readonly (readonly number[])[]>((answer) => x.client.GetKeyboardMapping(24, 1, answer))
      assert.equal(characters.characterOf(row?.[0] ?? 0), character, layout)
    }
    await assert.rejects(display.setLayout('us(none)'), DisplayError)
    assert.equal(display.layout.value, 'fr(bepo)')
  })
})
