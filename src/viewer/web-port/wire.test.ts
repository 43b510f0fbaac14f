import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DurationWindow } from '../../kernel/duration-window.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { openMemoryPipe } from '../../kernel/memory-pipe.ts'
import { BitrateController } from '../../net/congestion/bitrate-controller.ts'
import { encodeClientMedia } from '../../wire/web-media/client-media-message.ts'
import { decodeHostMedia } from '../../wire/web-media/host-media-message.ts'
import { createCounters } from '../contract/gateway-counters.ts'
import { PacedSender } from '../sending/paced-sender.ts'
import { Pump } from '../sending/pump.ts'
import type { WireEvents } from '../contract/viewer-wire.ts'
import { MediaMessages } from './packets.ts'
import { openWebPortWire } from './wire.ts'

test('PacedSender over the web port tries the path with padding while the screen rests, never within a picture', () => {
  const clock = new ManualClock()
  const nowUs = () => clock.nowMs() * 1000
  const controller = new BitrateController({ startBps: 300_000 })
  const sent: string[] = []
  const [near, far] = openMemoryPipe()
  far.listen({
    message: (data) => void sent.push(decodeHostMedia(data as Uint8Array).type),
    fault: () => assert.fail('the pipe broke its rules'),
  })
  const counters = createCounters()
  const wire = openWebPortWire({
    pipe: near,
    ends: { local: 'here', remote: 'there' },
    codecs: ['h264'],
    audio: true,
    messages: new MediaMessages(),
    counters,
    clock,
    nowUs,
    events: {
      opened() {},
      heard() {},
      arrivals(report) {
        controller.onArrivals(report, nowUs())
        sender.onAnswer(nowUs())
      },
      room: () => sender.onAnswer(nowUs()),
    } as Partial<WireEvents> as WireEvents,
    input() {},
    voice() {},
    fault: (code, message) => assert.fail(`${code}: ${message}`),
  })
  const sender = new PacedSender({
    wire,
    controller,
    pump: new Pump({ clock, nowUs }),
    captureToPacketMs: new DurationWindow(4),
    nowUs,
    parityPercent: () => 0,
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
    const arrivalsUs = sent.slice(told).map(() => nowUs())
    told = sent.length
    if (arrivalsUs.length > 0) far.send(encodeClientMedia({ type: 'receipt', arrivalsUs }))
  }
  const padding = sent.filter((type) => type === 'padding')
  assert.ok(padding.length >= 10, `${padding.length} messages of padding`)
  assert.ok(padding.length < 200, `${padding.length} messages of padding`)
  assert.ok(controller.targetBps > 2_500_000, `${controller.targetBps}`)
  for (const [index, type] of sent.entries()) {
    if (type === 'part') assert.notEqual(sent[index - 1], 'padding')
  }
})
