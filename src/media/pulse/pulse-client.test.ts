import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { dyingWithParent } from '../../os/child/dying-with-parent.ts'
import { PrivateSoundServer } from '../testing/private-sound-server.ts'
import { openPulseClient, type StreamSettings } from './pulse-client.ts'

const rate = 48_000
const bytesPerMs = (rate * 4) / 1000
const settings: StreamSettings = {
  sink: 'app',
  name: 'test',
  rate,
  maxBytes: 100 * bytesPerMs,
  targetBytes: 40 * bytesPerMs,
}
const level = 0.25
const sound = (milliseconds: number) =>
  new Uint8Array(new Float32Array((milliseconds * rate) / 1000).fill(level).buffer)

async function connect(server: PrivateSoundServer) {
  return openPulseClient(server.server.slice('unix:'.length), await readFile(server.cookieFile))
}

/** Samples of the sink's monitor from the first that is no silence to the last. */
async function heard(server: PrivateSoundServer, play: () => void): Promise<readonly number[]> {
  const { server: address, cookieFile, source } = server
  const format = ['--raw', '--format=float32le', `--rate=${rate}`, '--channels=1', '--latency-msec=10']
  const commandLine = ['parec', `--server=${address}`, `--device=${source}`, ...format] as const
  const [command, ...args] = dyingWithParent(process.env['PATH'], commandLine)
  const env = { ...process.env, PULSE_COOKIE: cookieFile }
  const recorder = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const samples: number[] = []
  let silentAfter = 0
  try {
    let begun = false
    for await (const chunk of recorder.stdout) {
      if (!begun) play()
      begun = true
      const bytes = chunk as Buffer
      for (let offset = 0; offset + 4 <= bytes.length; offset += 4) {
        const sample = bytes.readFloatLE(offset)
        if (samples.length > 0 || sample !== 0) samples.push(sample)
        silentAfter = sample === 0 ? silentAfter + 1 : 0
      }
      if (samples.length > 0 && silentAfter > rate / 10) break
    }
  } finally {
    recorder.kill('SIGKILL')
  }
  return samples.slice(0, samples.length - silentAfter)
}

describe('PulseClient', () => {
  it('plays what is appended without a seam, and what is placed ahead of the play head with the silence before it', async () => {
    await using server = await PrivateSoundServer.open()
    await using client = await connect(server)
    const channel = await client.openStream(settings, { lostPlace() {}, killed() {} })
    const samples = await heard(server, () => {
      client.play(channel, sound(20), { to: 'play-head', aheadBytes: 20 * bytesPerMs })
      client.play(channel, sound(20), { to: 'end' })
      client.play(channel, sound(10), { to: 'play-head', aheadBytes: 70 * bytesPerMs })
    })
    const silent = samples.filter((sample) => sample === 0).length
    assert.equal(samples.length - silent, (50 * rate) / 1000)
    assert.ok(silent > 0 && silent <= (30 * rate) / 1000, `${silent} silent samples between`)
  })

  it('tells a stream that it has lost its place when more was written than is kept', async () => {
    await using server = await PrivateSoundServer.open()
    await using client = await connect(server)
    const lost = Promise.withResolvers<void>()
    const channel = await client.openStream(settings, { lostPlace: lost.resolve, killed() {} })
    for (let at = 0; at < 300; at += 50) client.play(channel, sound(50), { to: 'end' })
    await lost.promise
  })

  it('tells a stream that it is over when its sink goes', async () => {
    await using server = await PrivateSoundServer.open()
    await using client = await connect(server)
    const unload = await server.load('module-null-sink', 'sink_name=passing')
    const killed = Promise.withResolvers<void>()
    await client.openStream({ ...settings, sink: 'passing' }, { lostPlace() {}, killed: killed.resolve })
    await unload()
    await killed.promise
  })

  it('is refused a stream to a sink that there is not, and goes on', async () => {
    await using server = await PrivateSoundServer.open()
    await using client = await connect(server)
    const opening = client.openStream({ ...settings, sink: 'nowhere' }, { lostPlace() {}, killed() {} })
    await assert.rejects(opening, { code: 'request-refused' })
    await client.ping()
  })
})
