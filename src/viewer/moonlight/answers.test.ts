import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConversationMonitor } from '../../kernel/monitor/conversation.ts'
import { controlNonce, encodeSealedControl } from '../../wire/moonlight/control-message.ts'
import { ControlStream, streamPlan } from './answers.ts'

const key = randomBytes(16)

test('what is not sealed by the client is dropped, whatever it is', () => {
  const { control, told } = openControl()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => control.take(bytes)))
  assert.deepEqual(told, [])
  control.take(sealed(0, '000208000400000000000000'))
  assert.deepEqual(told, ['recognised', 'heard'])
})

test('what the client should not have said is a fault, told once, and nothing counts after it', () => {
  const { control, told } = openControl()
  control.take(sealed(0, 'ffff0000'))
  control.take(sealed(1, '000208000400000000000000'))
  assert.deepEqual(told, ['recognised', 'heard', 'fault'])
})

function openControl() {
  const told: string[] = []
  const monitor = new ConversationMonitor(streamPlan)
  for (const step of ['options', 'describe', 'setup-audio', 'setup-video', 'setup-control', 'announce', 'play']) {
    monitor.received(step)
    monitor.sent('accepted')
  }
  const terms = {
    connectData: 1,
    pingPayloads: { audio: 'a'.repeat(16), video: 'v'.repeat(16) },
    key: { secret: key.toString('hex'), keyId: 1 },
    packetBytes: 1024,
    leastParity: 2,
    encrypts: { video: false, audio: false },
    audioPacketMs: 5,
    position: monitor.position,
  } as const
  const control = new ControlStream(terms, {
    recognised: () => told.push('recognised'),
    heard: () => told.push('heard'),
    keyPictureWanted: () => told.push('key'),
    loss: () => told.push('loss'),
    input: () => told.push('input'),
    fault: () => told.push('fault'),
  })
  return { control, told }
}

function sealed(sequence: number, plain: string): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', key, controlNonce(sequence, 'client', 'control'))
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plain, 'hex')), cipher.final()])
  return encodeSealedControl({ sequence, tag: cipher.getAuthTag(), ciphertext })
}
