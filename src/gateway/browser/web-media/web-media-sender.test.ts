import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DurationWindow } from '../../../kernel/duration-window.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { BitrateController } from '../../../net/congestion/bitrate-controller.ts'
import { createCounters } from '../../../viewer/gateway-counters.ts'
import { Pump } from '../../../viewer/sending/pump.ts'
import { MessageCache, type SharedMessage } from './message-cache.ts'
import { WebMediaSender } from './web-media-sender.ts'

test('WebMediaSender tries the path with padding while the screen rests, never within a picture', () => {
  const clock = new ManualClock()
  const nowUs = () => clock.nowMs() * 1000
  const controller = new BitrateController({ startBps: 300_000 })
  const sent: SharedMessage[] = []
  const sender = new WebMediaSender({
    codecs: new Set(['h264']),
    controller,
    cache: new MessageCache(),
    pump: new Pump({ clock, nowUs }),
    counters: createCounters(),
    captureToPacketMs: new DurationWindow(4),
    nowUs,
    write: (message) => sent.push(message) > 0,
    onBehind: () => assert.fail('it fell behind'),
    onKeyPictureSent: () => {},
  })
  const show = (key: boolean) => {
    const data = new Uint8Array(6000)
    sender.video({ codec: 'h264', key, captureUs: nowUs(), encodedUs: nowUs(), width: 640, height: 360, data })
  }
  let told = 0
  for (let step = 0; step < 400; step++) {
    if (step % 100 === 0) show(step === 0)
    clock.advance(10)
    const arrivals = sent.slice(told).map(() => nowUs())
    told = sent.length
    if (arrivals.length > 0) assert.ok(sender.receipt(arrivals, nowUs()))
  }
  const padding = sent.filter(({ label }) => label === 'padding')
  assert.ok(padding.length >= 10, `${padding.length} messages of padding`)
  assert.ok(padding.length < 200, `${padding.length} messages of padding`)
  assert.ok(controller.targetBps > 2_500_000, `${controller.targetBps}`)
  for (const [index, { label }] of sent.entries()) {
    if (label === 'part') assert.notEqual(sent[index - 1]?.label, 'padding')
  }
})
