import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { controlNonce, encodeSealedControl } from '../../wire/moonlight/control-message.ts'
import { agreed } from '../../../test/support/moonlight/agreed.ts'
import { ControlStream } from './answers.ts'

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
  const terms = {
    connectData: 1,
    pingPayloads: { audio: 'a'.repeat(16), video: 'v'.repeat(16) },
    key: { secret: key.toString('hex'), keyId: 1 },
    packetBytes: 1024,
    leastParity: 2,
    encrypts: { video: false, audio: false },
    soundLayout: 'stereo',
    audioPacketMs: 5,
    said: agreed(0),
    isRecorded: false,
  } as const
  const control = new ControlStream(
    terms,
    {
      recognised: () => told.push('recognised'),
      heard: () => told.push('heard'),
      keyPictureWanted: () => told.push('key'),
      loss: () => told.push('loss'),
      input: () => told.push('input'),
      fault: () => told.push('fault'),
    },
    () => 0,
  )
  return { control, told }
}

function sealed(sequence: number, plain: string): Uint8Array {
  const cipher = createCipheriv('aes-128-gcm', key, controlNonce(sequence, 'client', 'control'))
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plain, 'hex')), cipher.final()])
  return encodeSealedControl({ sequence, tag: cipher.getAuthTag(), ciphertext })
}
