import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
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
import { openSoundServer, type SoundServerOptions } from './open-sound-server.ts'
import { SoundError } from './sound-error.ts'
import type { AudioSink, SoundServer } from './sound-server.ts'

let runtimeDirectory: string
before(async () => void (runtimeDirectory = await mkdtemp(join(tmpdir(), 'sound-server-'))))
after(() => rm(runtimeDirectory, { recursive: true, force: true }))

const open = (options: Partial<SoundServerOptions> = {}): Promise<SoundServer> =>
  openSoundServer({ runtimeDirectory, log, clock, ...options })

/** The names of the sinks, as any client of the server sees them. */
async function sinkNames(server: SoundServer): Promise<readonly string[]> {
  const env = { PATH: process.env['PATH'], HOME: runtimeDirectory, ...server.env }
  const { stdout } = await promisify(execFile)('pactl', ['list', 'short', 'sinks'], { env })
  return stdout.split('\n').flatMap((line) => line.split('\t')[1] ?? [])
}

/** The process id of the daemon, which is a child of this process that knows the server's directory. */
async function daemonPid(server: SoundServer): Promise<number | undefined> {
  for (const { pid, parentPid } of await listProcesses()) {
    if (parentPid !== process.pid) continue
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (commandLine.includes(dirname(server.cookieFile))) return pid
  }
  return undefined
}

async function signalDaemon(server: SoundServer, signal: NodeJS.Signals): Promise<void> {
  const pid = await daemonPid(server)
  assert.ok(pid)
  process.kill(pid, signal)
}

/** Plays a constant level to a sink, and resolves with the first level above silence that its monitor gives. */
async function heardFrom(sink: Pick<AudioSink, 'monitor' | 'env'>): Promise<number> {
  const format = ['--raw', '--format=float32le', '--rate=48000', '--channels=2', '--latency-msec=20']
  const env = { PATH: process.env['PATH'], HOME: runtimeDirectory, ...sink.env }
  const start = (program: string, ...options: string[]) => spawn(program, [...format, ...options], { env })
  const recorder = start('parec', `--device=${sink.monitor}`)
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

describe('openSoundServer', () => {
  it('says which package to install when PulseAudio is missing', async () => {
    await assert.rejects(open({ searchPath: runtimeDirectory }), (error) => {
      assert.ok(error instanceof SoundError)
      assert.equal(error.code, 'server-missing')
      assert.match(error.message, /install the Debian package pulseaudio/)
      return true
    })
    assert.deepEqual(await readdir(runtimeDirectory), [])
  })

  it('rejects when its socket cannot have so long a path', async () => {
    await assert.rejects(open({ runtimeDirectory: join(runtimeDirectory, 'x'.repeat(100)) }), {
      code: 'server-did-not-start',
    })
  })

  it('opens a server of its own, with a cookie that only its owner can read', async () => {
    await using server = await open()
    assert.equal(server.up.value, true)
    assert.deepEqual(server.env, { PULSE_SERVER: server.address, PULSE_COOKIE: server.cookieFile })
    assert.equal((await stat(server.cookieFile)).mode & 0o777, 0o600)
    assert.equal((await stat(dirname(server.cookieFile))).mode & 0o777, 0o700)
    assert.deepEqual(await sinkNames(server), [])
  })

  it('leaves nothing behind when it is closed, and closes its sinks', async () => {
    const server = await open()
    const sink = await server.openSink('lobby-1')
    await server.close('enough')
    assert.deepEqual(await server.closed, { kind: 'clean', reason: 'enough' })
    assert.equal((await sink.closed).kind, 'clean')
    assert.equal(server.up.value, false)
    assert.equal(await daemonPid(server), undefined)
    assert.equal(existsSync(dirname(server.cookieFile)), false)
    await server.close()
  })

  it('comes back with its sinks when it is killed', async () => {
    await using server = await open()
    const sink = await server.openSink('lobby-1')
    await server.openSink('lobby-2')
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.deepEqual(await sinkNames(server), ['lobby-1', 'lobby-2'])
    assert.equal(await heardFrom(sink), 0.25)
  })

  it('comes back when it hangs', async () => {
    await using server = await open()
    await server.openSink('lobby-1')
    const beforeMs = clock.nowMs()
    await signalDaemon(server, 'SIGSTOP')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.ok(clock.nowMs() - beforeMs < 9000)
    assert.deepEqual(await sinkNames(server), ['lobby-1'])
  })

  it('can be closed at any moment of coming back', async () => {
    for (const delayMs of [0, 50, 120, 160]) {
      const server = await open({ jitter: () => 0.5 })
      await signalDaemon(server, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await server.close()
      assert.equal(await daemonPid(server), undefined)
      assert.equal(existsSync(dirname(server.cookieFile)), false)
    }
  })
})

describe('openSink', () => {
  it('gives a sink whose monitor has what is played to it', async () => {
    await using server = await open()
    const [sink, other] = [await server.openSink('lobby-1'), await server.openSink('lobby-2')]
    assert.deepEqual(sink.env, { ...server.env, PULSE_SINK: 'lobby-1' })
    assert.equal(sink.monitor, 'lobby-1.monitor')
    assert.deepEqual(await Promise.all([heardFrom(sink), heardFrom(other)]), [0.25, 0.25])
  })

  it('takes the sink away when that is closed, and its name can be had again', async () => {
    await using server = await open()
    const sink = await server.openSink('lobby-1')
    await server.openSink('lobby-2')
    await sink.close()
    await sink.close()
    assert.deepEqual(await sinkNames(server), ['lobby-2'])
    await server.openSink('lobby-1')
    assert.deepEqual((await sinkNames(server)).toSorted(), ['lobby-1', 'lobby-2'])
  })

  it('rejects names that are taken or could be read as more than a name', async () => {
    await using server = await open()
    await server.openSink('lobby-1')
    await assert.rejects(server.openSink('lobby-1'), { code: 'sink-name-taken' })
    for (const name of ['', 'a b', 'a sink_properties=x', 'ä', 'x'.repeat(65)]) {
      await assert.rejects(server.openSink(name), { code: 'bad-sink-name' })
    }
  })

  it('waits for a server that is coming back', async () => {
    await using server = await open()
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await server.openSink('lobby-1')
    assert.equal(server.up.value, true)
    assert.deepEqual(await sinkNames(server), ['lobby-1'])
  })

  it('forgets a sink that is closed while the server is down', async () => {
    await using server = await open()
    const sink = await server.openSink('lobby-1')
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await sink.close()
    await until(server.up, (up) => up)
    assert.deepEqual(await sinkNames(server), [])
  })

  it('rejects when the server has been closed', async () => {
    const server = await open()
    await server.close()
    await assert.rejects(server.openSink('lobby-1'), { code: 'server-down' })
  })
})

describe('what a sound server has open', () => {
  it('rests when nobody uses it, and is there at once when somebody does', async () => {
    await using server = await open()
    const sink = await server.openSink('lobby-1')
    await server.openMicrophone('lobby-1-microphone')
    const env = { PATH: process.env['PATH'], HOME: runtimeDirectory, ...server.env }
    const states = async () => {
      const { stdout } = await promisify(execFile)('pactl', ['list', 'short', 'sinks'], { env })
      return stdout.split('\n').flatMap((line) => line.split('\t')[4] ?? [])
    }
    await eventually(states, (all) => all.join() === 'SUSPENDED,SUSPENDED', { what: 'two sinks at rest' })
    assert.equal(await heardFrom(sink), 0.25)
  })
})

describe('openMicrophone', () => {
  it('gives a source that is no monitor and carries what is played to its sink, also when the server has come back', async () => {
    await using server = await open()
    const microphone = await server.openMicrophone('lobby-1-microphone')
    assert.deepEqual(microphone.env, { PULSE_SOURCE: 'lobby-1-microphone' })
    const asSink = () => ({
      ...microphone,
      monitor: microphone.name,
      env: { ...server.env, PULSE_SINK: microphone.sink },
    })
    assert.equal(await heardFrom(asSink()), 0.25)
    const env = { PATH: process.env['PATH'], HOME: runtimeDirectory, ...server.env }
    const { stdout } = await promisify(execFile)('pactl', ['list', 'sources'], { env })
    const source = stdout.split('\n\n').find((text) => text.includes('Name: lobby-1-microphone\n')) ?? ''
    assert.match(source, /Description: Microphone/)
    assert.match(source, /Monitor of Sink: n\/a/, 'browsers offer no monitors')
    await signalDaemon(server, 'SIGKILL')
    await until(server.up, (up) => !up)
    await until(server.up, (up) => up)
    assert.equal(await heardFrom(asSink()), 0.25)
    await microphone.close()
    assert.deepEqual(await sinkNames(server), [])
  })

  it('rejects the name of a sink that is there', async () => {
    await using server = await open()
    await server.openSink('lobby-1')
    await assert.rejects(server.openMicrophone('lobby-1'), { code: 'sink-name-taken' })
    await assert.rejects(server.openMicrophone('a b'), { code: 'bad-sink-name' })
  })
})

describe('PulseClient', () => {
  it('is refused what is no module and goes on, and tells when there is no server', async () => {
    await using server = await open()
    const socketPath = server.address.slice('unix:'.length)
    await using client = await openPulseClient(socketPath, await readFile(server.cookieFile))
    await assert.rejects(client.loadModule('no-such-module', ''), { code: 'request-refused' })
    await client.ping()
    await assert.rejects(openPulseClient(`${socketPath}-not`, new Uint8Array(256)), { code: 'server-down' })
  })
})
