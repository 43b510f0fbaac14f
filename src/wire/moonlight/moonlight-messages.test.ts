import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import { WireError } from '../wire-error.ts'
import {
  controlNonce,
  decodeControlRequest,
  decodeSealedControl,
  encodeControlNotice,
  encodeSealedControl,
} from './control-message.ts'
import { decodeMoonlightInput, encodeMoonlightInput } from './input-message.ts'
import { readLaunchRequest } from './launch-request.ts'
import { decodeRtspRequest, decodeSealedRtsp, encodeRtspAnswer, encodeSealedRtsp } from './rtsp.ts'
import { describeStream, encrypted } from './stream-offer.ts'
import { readStreamWish } from './stream-wish.ts'
import { codeOfVirtualKey } from './virtual-keys.ts'
import { encodeXmlAnswer } from './xml-answer.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('decodeControlRequest knows what clients say', () => {
  assert.deepEqual(decodeControlRequest(hex('0203 0200 0000')), { type: 'key-picture' })
  assert.deepEqual(decodeControlRequest(hex('0703 0100 00')), { type: 'start' })
  assert.deepEqual(decodeControlRequest(hex('0002 0800 0400 000000000000')), { type: 'ping' })
  assert.deepEqual(decodeControlRequest(hex('0602 0200 abcd')), { type: 'input', bytes: hex('abcd') })
  const status = '00000009 0001 0002 0003 0010 0004 000f 0002 14 00 01'
  assert.deepEqual(decodeControlRequest(hex(`0255 1500 ${status}`)), {
    type: 'loss',
    picture: 9,
    missingBefore: 3,
    dataPackets: 16,
    parityPackets: 4,
    dataReceived: 15,
    parityReceived: 2,
  })
  for (const wrong of ['0203', '0203 0300 0000', 'ffff 0000', '0255 0100 00']) {
    assert.throws(() => decodeControlRequest(hex(wrong)), WireError, wrong)
  }
})

test('encodeControlNotice writes what clients read', () => {
  assert.equal(
    hexOf(encodeControlNotice({ type: 'rumble', pad: 1, low: 0x1234, high: 0x5678 })),
    '0b010a0000000000010034127856',
  )
  assert.equal(hexOf(encodeControlNotice({ type: 'termination', cause: 'normal' })), '0901040080030023')
  assert.equal(hexOf(encodeControlNotice({ type: 'hdr', isOn: false })), `0e011b00${'00'.repeat(27)}`)
})

test('a seal is read as it was written, and its nonce tells sender and stream', () => {
  const sealed = { sequence: 7, tag: new Uint8Array(16).fill(1), ciphertext: hex('abcdef') }
  assert.equal(hexOf(encodeSealedControl(sealed)).slice(0, 16), '0100170007000000')
  assert.deepEqual(decodeSealedControl(encodeSealedControl(sealed)), sealed)
  assert.deepEqual(decodeSealedRtsp(encodeSealedRtsp(sealed)), sealed)
  assert.equal(hexOf(controlNonce(1, 'client', 'control')), '010000000000000000004343')
  assert.equal(hexOf(controlNonce(1, 'host', 'rtsp')), '010000000000000000004852')
  assert.throws(() => decodeSealedControl(hex('0203 0200 0000'.padEnd(60, '0'))), { code: 'unknown-type' })
})

test('decodeMoonlightInput knows what a player does', () => {
  const input = (kind: number, fields: string) => decodeMoonlightInput(encodeMoonlightInput(kind, hex(fields)))
  assert.deepEqual(input(0x07, '0001 ffff'), { type: 'move', dx: 1, dy: -1 })
  assert.deepEqual(input(0x05, '0010 0020 0000 04ff 02cf'), { type: 'point', x: 16, y: 32, width: 1280, height: 720 })
  assert.deepEqual(input(0x08, '05'), { type: 'button', button: 'forward', down: true })
  assert.deepEqual(input(0x09, '01'), { type: 'button', button: 'left', down: false })
  assert.deepEqual(input(0x0a, 'ff88 ff88 0000'), { type: 'scroll', up: -120, right: 0 })
  assert.deepEqual(input(0x55000001, '0078'), { type: 'scroll', up: 0, right: 120 })
  assert.deepEqual(input(0x03, '00 4180 01 0000'), { type: 'key', virtualKey: 0x41, modifiers: 1, down: true })
  assert.deepEqual(input(0x17, 'e282ac'), { type: 'text', text: '€' })
  assert.deepEqual(input(0x0c, '1a00 0100 0300 1400 0010 ff 00 0080 ff7f 0000 0100 9c00 0100 5500'), {
    type: 'pad',
    pad: 1,
    present: 3,
    buttons: 0x11000,
    triggers: [255, 0],
    sticks: [-32_768, 32_767, 0, 1],
  })
  assert.deepEqual(input(0x0d, '0100'), { type: 'ignored' })
  for (const [kind, fields] of [
    [0x08, '06'],
    [0x08, '00'],
    [0x05, '0000 0000 0000 ffff ffff'],
    [0x17, 'ff'],
    [0x17, ''],
    [0x0c, '1a00'],
    [0x99, ''],
  ] as const) {
    assert.throws(() => input(kind, fields), WireError, `${kind} ${fields}`)
  }
})

const otherKeys = [
  0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xdb, 0xdc, 0xdd, 0xde, 0xe2, 0x08, 0x09, 0x0d, 0x1b, 0x20, 0x21, 0x22,
  0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x2c, 0x2d, 0x2e, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0x5b, 0x5c, 0x5d, 0x14,
  0x90, 0x91,
]

test('every key of a US, a German and a French keyboard has a code', () => {
  const keys = [
    ...Array.from({ length: 10 }, (_, index) => 0x30 + index),
    ...Array.from({ length: 26 }, (_, index) => 0x41 + index),
    ...Array.from({ length: 12 }, (_, index) => 0x70 + index),
    ...otherKeys,
  ]
  const found = keys.map(codeOfVirtualKey)
  assert.ok(!found.includes(undefined))
  assert.equal(new Set(found).size, keys.length)
  assert.equal(codeOfVirtualKey(0xff), undefined)
})

test('decodeRtspRequest waits for the whole of a request, and refuses what is none', () => {
  const text = 'ANNOUNCE streamid=control/13/0 RTSP/1.0\r\nCSeq: 6\r\nContent-length: 4\r\n\r\na=b '
  const bytes = new TextEncoder().encode(text)
  for (let end = 0; end < bytes.length; end++) assert.equal(decodeRtspRequest(bytes.subarray(0, end)), undefined)
  const request = decodeRtspRequest(bytes)
  assert.deepEqual(
    { ...request, headers: undefined },
    { method: 'ANNOUNCE', target: 'streamid=control/13/0', cseq: 6, headers: undefined, body: 'a=b ' },
  )
  for (const wrong of [
    'GET / HTTP/1.1\r\n\r\n',
    'PLAY / RTSP/1.0\r\nContent-length: -1\r\n\r\n',
    `${text}more`,
    'PLAY / RTSP/1.0\r\nx\r\n\r\n',
  ]) {
    assert.throws(() => decodeRtspRequest(new TextEncoder().encode(wrong)), { code: 'malformed' }, wrong)
  }
  assert.throws(() => decodeRtspRequest(new Uint8Array(20_000)), { code: 'too-long' })
})

test('encodeRtspAnswer repeats the number of its request', () => {
  const answer = encodeRtspAnswer({ status: 200, reason: 'OK', headers: { Session: 'x;timeout = 90' }, body: 'a\n' }, 3)
  assert.equal(
    new TextDecoder().decode(answer),
    'RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: x;timeout = 90\r\nContent-Length: 2\r\n\r\na\n',
  )
})

test('describeStream says how surround is coded as clients read it', () => {
  const text = describeStream({
    encryption: { supported: encrypted.control | encrypted.audio, requested: 0 },
    hevc: false,
    av1: false,
  })
  assert.match(text, /encryptionSupported:5\r\n/)
  assert.match(text, /surround-params=642014235\r\n/)
  assert.match(text, /surround-params=85301645237\r\n/)
  assert.doesNotMatch(text, /AAAAAU|AV1/)
})

test('readStreamWish reads what a client announces', () => {
  const wish = readStreamWish(
    [
      'v=0',
      'a=x-ml-general.featureFlags:3 ',
      'a=x-ss-general.encryptionEnabled:1 ',
      'a=x-nv-video[0].clientViewportWd:1280 ',
      'a=x-nv-video[0].clientViewportHt:720 ',
      'a=x-nv-video[0].maxFPS:60 ',
      'a=x-nv-video[0].packetSize:1392 ',
      'a=x-ml-video.configuredBitrateKbps:20000 ',
      'a=x-nv-vqos[0].fec.minRequiredFecPackets:2 ',
      'a=x-nv-vqos[0].bitStreamFormat:0 ',
      'a=x-nv-video[0].encoderCscMode:2 ',
      'a=x-nv-general.featureFlags:167 ',
      'a=x-nv-audio.surround.numChannels:6 ',
      'a=x-nv-aqos.packetDuration:5 ',
    ].join('\r\n'),
  )
  assert.deepEqual(wish, {
    width: 1280,
    height: 720,
    fps: 60,
    packetBytes: 1392,
    bitrateBps: 20_000_000,
    leastParity: 2,
    codec: 'h264',
    hdr: false,
    colorimetry: { matrix: 'bt709', fullRange: false },
    soundLayout: '5.1',
    audioPacketMs: 5,
    highQualityAudio: false,
    encryption: 5,
    knowsSessions: true,
  })
  for (const wrong of [
    'packetSize:17',
    'packetSize:99999',
    'maxFPS:0',
    'maxFPS:x',
    'clientViewportWd:-1',
    'packetSize:',
  ]) {
    assert.throws(() => readStreamWish(`a=x-nv-video[0].${wrong} `), { code: 'malformed' }, wrong)
  }
  assert.throws(() => readStreamWish('\n'.repeat(1000)), { code: 'too-long' })
})

test('readLaunchRequest reads a launch, and names what is wrong with one', () => {
  const query = { appid: '7', mode: '1920x1080x60', rikey: '00112233445566778899aabbccddeeff', rikeyid: '-5' }
  const request = readLaunchRequest(new URLSearchParams({ ...query, sops: '1', corever: '1' }))
  assert.deepEqual(
    { ...request, key: hexOf(request.key) },
    {
      appId: 7,
      width: 1920,
      height: 1080,
      fps: 60,
      key: query.rikey,
      keyId: -5,
      optimizes: true,
      encryptsRtsp: true,
    },
  )
  for (const wrong of [{ mode: '0' }, { rikey: '00' }, { rikeyid: 'x' }, { appid: '-1' }, { appid: '1e99' }]) {
    const name = Object.keys(wrong)[0] as string
    assert.throws(() => readLaunchRequest(new URLSearchParams({ ...query, ...wrong })), { message: new RegExp(name) })
  }
})

test('encodeXmlAnswer says what a name has that XML has not', () => {
  const text = encodeXmlAnswer({
    status: 503,
    message: 'no "room" <here>',
    elements: [
      [
        'App',
        [
          ['AppTitle', 'a & b\u0000'],
          ['ID', 7],
        ],
      ],
    ],
  })
  assert.equal(
    text,
    '<?xml version="1.0" encoding="utf-8"?>\n<root status_code="503" status_message="no &#34;room&#34; &#60;here&#62;">' +
      '<App><AppTitle>a &#38; b</AppTitle><ID>7</ID></App></root>\n',
  )
})

test('no bytes do harm to a decoder', () => {
  const decoders = [
    decodeControlRequest,
    decodeSealedControl,
    decodeMoonlightInput,
    decodeRtspRequest,
    decodeSealedRtsp,
  ]
  const readers = [readStreamWish, (text: string) => readLaunchRequest(new URLSearchParams(text))]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 200 }), (bytes, text) => {
      for (const decode of decoders) refusesOrReads(() => decode(bytes))
      for (const read of readers) refusesOrReads(() => read(text))
    }),
    { numRuns: 1000 },
  )
})

function refusesOrReads(read: () => unknown): void {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof WireError, String(error))
  }
}
