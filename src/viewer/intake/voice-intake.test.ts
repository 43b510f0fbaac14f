import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostError } from '../../host/contract/host-error.ts'
import { ManualClock } from '../../kernel/manual-clock.ts'
import { maxVoiceBytes, type VoiceUnit } from '../../media/contract/voice.ts'
import { createCounters } from '../contract/gateway-counters.ts'
import { VoiceIntake } from './voice-intake.ts'

function openIntake() {
  const clock = new ManualClock()
  const heard: VoiceUnit[] = []
  const refusals: string[] = []
  const faults: string[] = []
  const host = { refuses: false }
  const counters = createCounters()
  const intake = new VoiceIntake({
    session: {
      speak(unit) {
        if (host.refuses) throw new HostError('voice-forbidden', 'Cannot speak here')
        heard.push(unit)
      },
    },
    nowUs: () => clock.nowMs() * 1000,
    counters,
    refuse: (code) => refusals.push(code),
    fault: (code) => faults.push(code),
  })
  const speak = (count = 1) => {
    for (let at = 0; at < count; at++) {
      intake.receive({ timestamp: at * 960, data: Uint8Array.of(1) })
      clock.advance(20)
    }
  }
  return { clock, heard, refusals, faults, host, counters, intake, speak }
}

test('VoiceIntake hands on what is said, and says once that it is not heard', () => {
  const { heard, refusals, faults, host, counters, speak, clock } = openIntake()
  speak(50)
  assert.equal(heard.length, 50)
  host.refuses = true
  speak(100)
  assert.deepEqual(refusals, ['voice-forbidden'])
  clock.advance(1500)
  speak(10)
  assert.deepEqual(refusals, ['voice-forbidden', 'voice-forbidden'], 'and again when the microphone was off')
  host.refuses = false
  speak(10)
  host.refuses = true
  speak(10)
  assert.equal(refusals.length, 3)
  assert.deepEqual(faults, [])
  assert.deepEqual([counters.voicePackets, counters.voicePacketsDropped], [60, 120])
})

test('VoiceIntake takes a burst after a stall, and ends a conversation that floods, or sends what no packet can be', () => {
  const { heard, faults, intake } = openIntake()
  const unit = { timestamp: 1, data: Uint8Array.of(1) }
  for (let at = 0; at < 400; at++) intake.receive(unit)
  assert.equal(heard.length, 400)
  assert.deepEqual(faults, [])
  intake.receive(unit)
  assert.deepEqual(faults, ['flood'])
  intake.receive({ timestamp: 1, data: new Uint8Array(maxVoiceBytes + 1) })
  assert.deepEqual(faults, ['flood', 'too-long'])
})
