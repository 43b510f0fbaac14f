import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log.ts'
import { until } from '../../kernel/readable.ts'
import { openPulseClient } from '../../media/pulse/pulse-client.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { listProcesses } from '../child/process-table.ts'
import { findPulseaudio } from './find-pulseaudio.ts'
import type { LobbySound } from './lobby-sound.ts'
import { openLobbySound, type LobbySoundOptions } from './open-lobby-sound.ts'
import { SoundError } from './sound-error.ts'

let parent: string
before(async () => void (parent = await mkdtemp(join(tmpdir(), 'lobby-sound-'))))
after(() => rm(parent, { recursive: true, force: true }))
const version = await findPulseaudio()

const open = (options: Partial<LobbySoundOptions> = {}): Promise<LobbySound> =>
  openLobbySound({ runtimeDirectory: parent, name: 'lobby', version, log, clock, ...options })

/** What a client of the server is told or refused. */
async function ask(server: LobbySound, ...words: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: parent, ...server.env }
  const { stdout, stderr } = await promisify(execFile)('pactl', words, { env }).catch(
    (error: { stdout: string; stderr: string }) => error,
  )
  return stdout + stderr
}

async function sinkNames(server: LobbySound): Promise<readonly string[]> {
  return (await ask(server, 'list', 'short', 'sinks')).split('\n').flatMap((line) => line.split('\t')[1] ?? [])
}

/** The process id of the daemon, which is a child of this process that knows the server's directory. */
async function daemonPid(server: LobbySound): Promise<number | undefined> {
  for (const { pid, parentPid } of await listProcesses()) {
    if (parentPid !== process.pid) continue
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (commandLine.includes(server.directory)) return pid
  }
  return undefined
}

async function signalDaemon(server: LobbySound, signal: NodeJS.Signals): Promise<void> {
  const pid = await daemonPid(server)
  assert.ok(pid)
  process.kill(pid, signal)
}

/** Plays a constant level to a sink, and resolves with the first level above silence that a source gives. */
async function heardFrom(server: LobbySound, sink: string, source: string): Promise<number> {
  const format = ['--raw', '--format=float32le', '--rate=48000', '--channels=2', '--latency-msec=20']
  const env = { PATH: process.env['PATH'], HOME: parent, ...server.env, PULSE_SINK: sink }
  const start = (program: string, ...options: string[]) => spawn(program, [...format, ...options], { env })
  const recorder = start('parec', `--device=${source}`)
  const player = start('pacat')
  player.stdin.on('error', () => {})
  player.stdin.end(new Uint8Array(new Float32Array(96_000).fill(0.25).buffer))
  try {
    for await (const chunk of recorder.stdout) {
      const bytes = chunk as Buffer
      for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
        const level = bytes.readFloatLE(offset)
        if (level > 0.01) return level
      }
    }
    return 0
  } finally {
    for (const child of [recorder, player]) {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
  }
}

/** Plays a constant level in stereo to the sink, and resolves with how loud each of these channels was once anything came. */
async function heardPeaks(server: LobbySound, channels: readonly string[]): Promise<readonly number[]> {
  const format = ['--raw', '--format=float32le', '--rate=48000', '--latency-msec=20']
  const env = { PATH: process.env['PATH'], HOME: parent, ...server.env }
  const start = (program: string, ...options: string[]) => spawn(program, [...format, ...options], { env })
  const map = [`--channels=${channels.length}`, `--channel-map=${channels.join()}`]
  const recorder = start('parec', ...map, `--device=${server.monitor}`)
  const player = start('pacat', '--channels=2')
  player.stdin.on('error', () => {})
  player.stdin.end(new Uint8Array(new Float32Array(96_000).fill(0.25).buffer))
  const peaks = channels.map(() => 0)
  let left = 9600
  try {
    for await (const chunk of recorder.stdout) {
      const samples = new Float32Array(Uint8Array.from(chunk as Buffer).buffer, 0, (chunk as Buffer).length >> 2)
      for (const [index, sample] of samples.entries()) {
        const channel = index % channels.length
        peaks[channel] = Math.max(peaks[channel] ?? 0, Math.abs(sample))
      }
      if (Math.max(...peaks) > 0.01) left -= samples.length
      if (left <= 0) break
    }
    return peaks
  } finally {
    for (const child of [recorder, player]) {
      child.kill()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
  }
}

const all = ['lobby', 'lobby-microphone.voices']

describe('findPulseaudio', () => {
  it('says which package to install when PulseAudio is missing', async () => {
    await assert.rejects(findPulseaudio(parent), (error) => {
      assert.ok(error instanceof SoundError)
      assert.equal(error.code, 'server-missing')
      assert.match(error.message, /install the Debian package pulseaudio/)
      return true
    })
  })
})

describe('openLobbySound', () => {
  it('says which package to install when PulseAudio has gone, and leaves nothing behind', async () => {
    await assert.rejects(open({ searchPath: parent }), { code: 'server-missing' })
    assert.deepEqual(await readdir(parent), [])
  })

  it('rejects when its socket cannot have so long a path, and names that could be read as more than a name', async () => {
    const long = join(parent, 'x'.repeat(100))
    await mkdir(long)
    await assert.rejects(open({ runtimeDirectory: long }), { code: 'server-did-not-start' })
    await rm(long, { recursive: true })
    for (const name of ['', 'a b', 'a sink_properties=x', 'ä', 'x'.repeat(65)]) {
      await assert.rejects(open({ name }), { code: 'bad-sink-name' })
    }
  })

  it('opens a sink with the speakers of the layout, on which stereo plays in front alone', async () => {
    await using server = await open({ layout: '7.1' })
    const around = 'front-left,front-right,front-center,lfe,rear-left,rear-right,side-left,side-right'
    const sinks = await ask(server, 'list', 'sinks')
    assert.ok(sinks.includes(`Channel Map: ${around}`), sinks)
    assert.ok(sinks.includes('Channel Map: mono'), 'the microphone is as ever')
    const peaks = await heardPeaks(server, around.split(','))
    assert.deepEqual(
      peaks.map((peak) => peak > 0.01),
      [true, true, false, false, false, false, false, false],
      peaks.join(),
    )
  })

  it('opens a server of its own, with a cookie that only its owner can read', async () => {
    await using server = await open()
    assert.equal(server.up.value, true)
    const devices = { PULSE_SINK: 'lobby', PULSE_SOURCE: 'lobby-microphone' }
    assert.deepEqual(server.env, { PULSE_SERVER: server.address, PULSE_COOKIE: server.cookieFile, ...devices })
    assert.equal((await stat(server.cookieFile)).mode & 0o777, 0o400)
    assert.equal((await stat(dirname(server.cookieFile))).mode & 0o777, 0o700)
    assert.deepEqual(await sinkNames(server), all)
  })

  it('loads nothing that a client asks for, unloads nothing and does not end', async () => {
    await using server = await open()
    for (const words of [
      ['load-module', 'module-null-sink', 'sink_name=evil'],
      ['load-module', 'module-native-protocol-tcp', 'listen=127.0.0.1', 'auth-anonymous=1'],
      ['load-module', 'module-pipe-sink', `file=${join(parent, 'fifo')}`],
      ['load-module', join(parent, 'evil.so')],
      ['exit'],
    ]) {
      assert.match(await ask(server, ...words), /Failure|Access denied/, words.join(' '))
    }
    // That is not refused, and not done.
    for (const module of ['module-native-protocol-unix', 'module-null-sink']) await ask(server, 'unload-module', module)
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(await sinkNames(server), all)
    assert.ok(!existsSync(join(parent, 'fifo')))
    assert.equal(server.up.value, true)
  })

  it('leaves nothing behind when it is closed', async () => {
    const server = await open()
    await server.close('enough')
    assert.deepEqual(await server.closed, { kind: 'clean', reason: 'enough' })
    assert.equal(server.up.value, false)
    assert.equal(await daemonPid(server), undefined)
    assert.equal(existsSync(server.directory), false)
    await server.close()
  })

  it('gives a sink whose monitor has what is played to it, and has it again when it was killed', async () => {
    await using server = await open()
    assert.equal(await heardFrom(server, 'lobby', server.monitor), 0.25)
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.deepEqual(await sinkNames(server), all)
    assert.equal(await heardFrom(server, 'lobby', server.monitor), 0.25)
  })

  it('gives a source that is no monitor and carries what is played to its sink, also when the server has come back', async () => {
    await using server = await open()
    const heard = () => heardFrom(server, server.microphoneSink, 'lobby-microphone')
    assert.equal(await heard(), 0.25)
    const sources = (await ask(server, 'list', 'sources')).split('\n\n')
    const source = sources.find((text) => text.includes('Name: lobby-microphone\n')) ?? ''
    assert.match(source, /Description: Microphone/)
    assert.match(source, /Monitor of Sink: n\/a/, 'browsers offer no monitors')
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.equal(await heard(), 0.25)
  })

  it('comes back when it hangs', async () => {
    await using server = await open()
    const beforeMs = clock.nowMs()
    await signalDaemon(server, 'SIGSTOP')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.ok(clock.nowMs() - beforeMs < 9000)
    assert.deepEqual(await sinkNames(server), all)
  })

  it('can be closed at any moment of coming back', async () => {
    for (const delayMs of [0, 50, 120, 160]) {
      const server = await open({ jitter: () => 0.5 })
      await signalDaemon(server, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await server.close()
      assert.equal(await daemonPid(server), undefined)
      assert.equal(existsSync(server.directory), false)
    }
  })

  it('rests when nobody uses it, and is there at once when somebody does', async () => {
    await using server = await open()
    const states = async () =>
      (await ask(server, 'list', 'short', 'sinks')).split('\n').flatMap((line) => line.split('\t')[4] ?? [])
    await eventually(states, (now) => now.join() === 'SUSPENDED,SUSPENDED', { what: 'two sinks at rest' })
    assert.equal(await heardFrom(server, 'lobby', server.monitor), 0.25)
  })
})

describe('PulseClient', () => {
  it('tells when there is no server', async () => {
    await using server = await open()
    const socketPath = server.address.slice('unix:'.length)
    await using client = await openPulseClient(socketPath, await readFile(server.cookieFile))
    await client.ping()
    await assert.rejects(openPulseClient(`${socketPath}-not`, new Uint8Array(256)), { code: 'server-down' })
  })
})
