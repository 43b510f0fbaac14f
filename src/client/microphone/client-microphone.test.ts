import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { settle } from '../../../test/support/scripted-host.ts'
import { ScriptedMicrophone } from '../../../test/support/scripted-microphone.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { ClientMicrophone, type VoicePath, type VoiceSending } from './client-microphone.ts'
import type { MicrophonePlatform } from './microphone-platform.ts'

class ScriptedPath implements VoicePath {
  readonly whyMute: string | undefined
  readonly #begins: boolean
  track: unknown
  tell: (sending: VoiceSending) => void = () => {}

  /** `begins`: what is said goes out at once. */
  constructor(whyMute?: string, { begins = true } = {}) {
    this.whyMute = whyMute
    this.#begins = begins
  }

  speak(track: unknown, tell: (sending: VoiceSending) => void): void {
    this.track = track
    this.tell = tell
    if (track && this.#begins) tell({ heard: true })
  }
}

function setUp({ insecure = false } = {}) {
  const device = new ScriptedMicrophone()
  device.insecure = insecure
  const clock = new ManualClock()
  const microphone = new ClientMicrophone(device as unknown as MicrophonePlatform, clock)
  const seen: string[] = []
  microphone.subscribe(({ status }) => seen.push(status))
  return { device, clock, microphone, seen }
}

const app = { audience: { app: true, members: false } }
const nobody = { audience: { app: false, members: false } }

test('turnOn asks for the device, sends what it hears, and turnOff lets it go; nothing is asked for before', async () => {
  const { device, microphone, seen } = setUp()
  const path = new ScriptedPath()
  microphone.use(path)
  microphone.hear(app)
  await settle()
  assert.deepEqual([microphone.value.status, device.asked], ['off', 0])
  const on = microphone.turnOn()
  assert.equal(microphone.value.status, 'starting')
  const track = device.allow()
  await on
  assert.equal(path.track, track)
  microphone.turnOff()
  assert.equal(track.stopped, true)
  assert.equal(path.track, undefined)
  assert.deepEqual(seen, ['starting', 'on', 'off'])
})

test('without a connection it is paused and sends nothing; when there is one again it is as it was', async () => {
  const { device, clock, microphone, seen } = setUp()
  const [first, second] = [new ScriptedPath(), new ScriptedPath()]
  await microphone.turnOn()
  assert.deepEqual([microphone.value.status, device.asked], ['paused', 0])
  microphone.use(first)
  const track = device.allow()
  await settle()
  microphone.use(undefined)
  assert.deepEqual([first.track, track.enabled, track.stopped], [undefined, false, false])
  clock.advance(10_000)
  microphone.use(second)
  assert.deepEqual([second.track, track.enabled, device.asked], [track, true, 1])
  assert.deepEqual(seen, ['paused', 'starting', 'on', 'paused', 'on'])
  microphone.close()
  assert.equal(clock.pending, 0)
})

test('it is on only while what is said goes out, and says why when it does not', async () => {
  const { device, microphone, seen } = setUp()
  const path = new ScriptedPath(undefined, { begins: false })
  microphone.use(path)
  void microphone.turnOn()
  device.allow()
  await settle()
  assert.equal(microphone.value.status, 'starting')
  path.tell({ heard: true })
  path.tell({ heard: false, reason: 'No encoder' })
  assert.deepEqual(microphone.value, { status: 'paused', reason: 'No encoder' })
  const late = path.tell
  microphone.use(new ScriptedPath())
  late({ heard: false, reason: 'Of the path before' })
  assert.deepEqual(seen, ['starting', 'on', 'paused', 'on'])
})

test('without a connection for long the device is let go, and asked for again when there is one', async () => {
  const { device, clock, microphone } = setUp()
  microphone.use(new ScriptedPath())
  void microphone.turnOn()
  const track = device.allow()
  await settle()
  microphone.use(undefined)
  clock.advance(30_000)
  assert.equal(track.stopped, true)
  const path = new ScriptedPath()
  microphone.use(path)
  assert.equal(microphone.value.status, 'starting')
  const again = device.allow()
  await settle()
  assert.deepEqual([microphone.value.status, path.track, device.asked], ['on', again, 2])
})

test('it moves from one path to the other, and says where a path takes no voice', async () => {
  const { device, microphone } = setUp()
  const [peer, web, mute] = [new ScriptedPath(), new ScriptedPath(), new ScriptedPath('no encoder')]
  microphone.use(peer)
  void microphone.turnOn()
  const track = device.allow()
  await settle()
  microphone.use(web)
  assert.deepEqual([peer.track, web.track], [undefined, track])
  microphone.use(mute)
  assert.deepEqual(microphone.value, { status: 'paused', reason: 'no encoder' })
  assert.deepEqual([web.track, mute.track], [undefined, undefined])
  microphone.use(peer)
  assert.deepEqual([microphone.value.status, peer.track], ['on', track])
})

test('a refusal, of whoever sits there or of the host, is told, and it can be tried again', async () => {
  const { device, microphone } = setUp()
  microphone.use(new ScriptedPath())
  void microphone.turnOn()
  device.deny()
  await settle()
  assert.deepEqual(microphone.value, { status: 'denied', reason: 'no' })
  void microphone.turnOn()
  const track = device.allow()
  await settle()
  assert.equal(track.stopped, false)
  microphone.refused('lobby-not-found', 'something else')
  assert.equal(microphone.value.status, 'on')
  microphone.refused('too-many-speakers', 'Eight speak already')
  assert.deepEqual(microphone.value, { status: 'unavailable', reason: 'Eight speak already' })
  assert.equal(track.stopped, true)
})

test('a device that vanishes is told, and so is a page that may have none', async () => {
  const { device, microphone } = setUp()
  microphone.use(new ScriptedPath())
  void microphone.turnOn()
  const track = device.allow()
  await settle()
  track.vanish()
  assert.match(JSON.stringify(microphone.value), /"unavailable".*unplugged/)
  const insecure = setUp({ insecure: true })
  assert.deepEqual(insecure.microphone.value, { status: 'unavailable', reason: 'HTTPS is needed' })
  await insecure.microphone.turnOn()
  assert.equal(insecure.device.asked, 0)
})

test('when nobody would hear it any more it goes off, and stays off when somebody would again', async () => {
  const { device, microphone } = setUp()
  const path = new ScriptedPath()
  microphone.use(path)
  microphone.hear(app)
  void microphone.turnOn()
  const track = device.allow()
  await settle()
  microphone.hear(nobody)
  assert.deepEqual([microphone.value.status, track.stopped, path.track], ['unavailable', true, undefined])
  await microphone.turnOn()
  assert.equal(device.asked, 1)
  microphone.hear(app)
  assert.equal(microphone.value.status, 'off')
})

test('whoever changes their mind while the browser asks has no microphone on', async () => {
  const { device, microphone } = setUp()
  microphone.use(new ScriptedPath())
  const on = microphone.turnOn()
  microphone.turnOff()
  const track = device.allow()
  await on
  assert.deepEqual([microphone.value.status, track.stopped], ['off', true])
  const again = microphone.turnOn()
  microphone.turnOff()
  void microphone.turnOn()
  device.allow()
  await again
  assert.deepEqual([microphone.value.status, device.asked], ['on', 2])
})

test('whatever happens, it hears nothing unless it is on, and no device stays open that is not wanted', async () => {
  const step = fc.constantFrom(
    'on',
    'off',
    'connect',
    'lose',
    'allow',
    'deny',
    'vanish',
    'nobody',
    'app',
    'refuse',
    'wait',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { device, clock, microphone } = setUp()
      let path: ScriptedPath | undefined
      for (const next of steps) {
        if (next === 'on') void microphone.turnOn()
        else if (next === 'off') microphone.turnOff()
        else if (next === 'connect') microphone.use((path = new ScriptedPath()))
        else if (next === 'lose') microphone.use((path = undefined))
        else if (next === 'allow') device.allow()
        else if (next === 'deny') device.deny()
        else if (next === 'vanish') device.track?.vanish()
        else if (next === 'nobody') microphone.hear(nobody)
        else if (next === 'app') microphone.hear(app)
        else if (next === 'refuse') microphone.refused('voice-forbidden', 'no')
        else clock.advance(40_000)
        await settle()
        const { status } = microphone.value
        assert.equal(path?.track !== undefined, status === 'on')
        const live = device.tracks.filter(({ stopped }) => !stopped)
        if (status === 'on') assert.ok(live.some((track) => track === path?.track && track.enabled))
      }
      microphone.close()
      await settle()
      assert.equal(clock.pending, 0)
      assert.equal(microphone.value.status === 'on' || microphone.value.status === 'paused', false)
    }),
  )
})
