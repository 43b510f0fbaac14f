import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import { replayConversation } from '../../../kernel/monitor/recording.ts'
import { streamPlan } from '../../../viewer/moonlight/answers.ts'
import { controlNonce } from '../../../wire/moonlight/control-message.ts'
import { decodeSealedRtsp, encodeSealedRtsp } from '../../../wire/moonlight/rtsp.ts'
import { Launches } from '../launch/launches.ts'
import { RtspDesk, type AgreedStream } from './rtsp-desk.ts'

const key = randomBytes(16)
const tv = '192.0.2.7'
const announcement = [
  'a=x-ml-general.featureFlags:3 ',
  'a=x-nv-video[0].clientViewportWd:1280 ',
  'a=x-nv-video[0].clientViewportHt:720 ',
  'a=x-nv-video[0].packetSize:1024 ',
  '',
].join('\r\n')

test('a client agrees on a stream in seven sealed requests', () => {
  const { desk, agreed } = openDesk()
  let sequence = 0
  const ask = (first: string, body = '') => {
    const plain = Buffer.from(requestOf(first, `CSeq: ${sequence}\r\n`, body))
    sequence++
    const cipher = createCipheriv('aes-128-gcm', key, controlNonce(sequence, 'client', 'rtsp'))
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
    const bytes = encodeSealedRtsp({ sequence, tag: cipher.getAuthTag(), ciphertext })
    const answer = desk.take(bytes, tv)
    assert.throws(() => desk.take(bytes, tv), { code: 'malformed' }, 'not twice')
    return opened(answer)
  }
  assert.match(ask('OPTIONS rtsp://0.0.0.0:48010'), /^RTSP\/1\.0 200 OK\r\nCSeq: 0\r\n/)
  assert.match(ask('DESCRIBE rtsp://0.0.0.0:48010'), /encryptionSupported:5/)
  const audio = ask('SETUP streamid=audio/0/0')
  assert.match(audio, /Session: \w+;timeout = 90\r\n/)
  assert.match(ask('SETUP streamid=video/0/0'), /server_port=47998\r\n/)
  const data = Number(/X-SS-Connect-Data: (\d+)/.exec(ask('SETUP streamid=control/13/0'))?.[1])
  assert.match(ask('ANNOUNCE streamid=control/13/0', announcement), / 200 OK/)
  assert.match(ask('PLAY /'), / 200 OK/)
  const [stream] = agreed
  assert.equal(stream?.connectData, data)
  assert.equal(stream?.wish.width, 1280)
  assert.equal(stream?.launch?.id, 'launch')
  assert.ok(audio.includes(`X-SS-Ping-Payload: ${stream?.pingPayloads.audio}`))
  assert.equal(stream?.pingPayloads.video.length, 16)
})

test('a client may agree in the clear, told from others by its session', () => {
  const { desk, agreed } = openDesk({ plain: 2 })
  const ask = (first: string, session = '', body = '') => {
    const headers = session === '' ? '' : `Session: ${session}\r\n`
    return new TextDecoder().decode(desk.take(Buffer.from(requestOf(first, headers, body)), tv))
  }
  const agree = () => {
    ask('OPTIONS rtsp://0.0.0.0:48010')
    ask('DESCRIBE rtsp://0.0.0.0:48010')
    return /Session: (\w+)/.exec(ask('SETUP streamid=audio/0/0'))?.[1] ?? ''
  }
  const [one, other] = [agree(), agree()]
  assert.notEqual(one, other)
  for (const session of [one, other]) {
    ask('SETUP streamid=video/0/0', session)
    ask('SETUP streamid=control/13/0', session)
    ask('ANNOUNCE streamid=control/13/0', session, announcement)
    assert.match(ask('PLAY /', session), / 200 OK/)
  }
  assert.equal(agreed.length, 2)
  assert.notEqual(agreed[0]?.connectData, agreed[1]?.connectData)
  assert.deepEqual(new Set(agreed.map(({ launch }) => launch.id)), new Set(['plain-0', 'plain-1']))
  assert.match(ask('PLAY /', one), / 454 /)
  assert.equal(
    desk.take(Buffer.from(requestOf('SETUP streamid=audio/0/0', '', '')), '198.51.100.1')?.[9],
    '4'.charCodeAt(0),
  )
})

test('what is out of order ends the negotiation, and the recording of it shows where', () => {
  const { desk, violations, unfinished } = openDesk({ plain: 1 })
  const ask = (first: string, session = '') =>
    new TextDecoder().decode(desk.take(Buffer.from(requestOf(first, session && `Session: ${session}\r\n`, '')), tv))
  const session = /Session: (\w+)/.exec(ask('SETUP streamid=audio/0/0'))?.[1] ?? ''
  assert.match(ask('PLAY /', session), / 455 /)
  assert.equal(violations.length, 1)
  const replayed = replayConversation(unfinished[0] ?? '', () => streamPlan)
  assert.equal(replayed.messages.at(-1)?.label, 'play')
  assert.equal(replayed.violation?.message, violations[0]?.message)
  assert.match(ask('SETUP streamid=video/0/0', session), / 454 /)
  assert.match(ask('TEARDOWN /'), / 501 /)
})

test('a client is told why it cannot have what it wants', () => {
  const { desk } = openDesk({ plain: 3, refuses: () => 'No room for 4K' })
  const ask = (first: string, session: string, body = '') =>
    new TextDecoder().decode(desk.take(Buffer.from(requestOf(first, `Session: ${session}\r\n`, body)), tv))
  const begin = () => {
    const session = /Session: (\w+)/.exec(ask('SETUP streamid=audio/0/0', 'none'))?.[1] ?? ''
    ask('SETUP streamid=video/0/0', session)
    ask('SETUP streamid=control/13/0', session)
    return session
  }
  assert.match(ask('ANNOUNCE streamid=control/13/0', begin(), announcement), /^RTSP\/1\.0 406 No room for 4K\r\n/)
  assert.match(ask('ANNOUNCE streamid=control/13/0', begin(), 'a=x-nv-video[0].maxFPS:0 '), /^RTSP\/1\.0 400 /)
  assert.match(ask('ANNOUNCE streamid=control/13/0', begin(), 'a=x-nv-video[0].maxFPS:60 '), /too old/)
})

test('each launch has one negotiation at most, and so much time for it', () => {
  const { desk, clock } = openDesk({ plain: 2 })
  const setup = () =>
    new TextDecoder().decode(desk.take(Buffer.from(requestOf('SETUP streamid=audio/0/0', '', '')), tv))
  for (let count = 0; count < 2; count++) assert.match(setup(), / 200 /)
  assert.match(setup(), / 454 /)
  clock.advance(20_000)
  assert.match(setup(), / 200 /)
})

function openDesk({
  refuses = () => undefined,
  plain = 0,
}: { refuses?: () => string | undefined; plain?: number } = {}) {
  const clock = new ManualClock()
  const agreed: AgreedStream[] = []
  const violations: Error[] = []
  const unfinished: string[] = []
  const launches = new Launches({ clock, onExpired: () => undefined })
  const request = { appId: 1, width: 1280, height: 720, fps: 60, keyId: 1, optimizes: false } as const
  for (let count = 0; count < plain; count++) {
    launches.add({
      id: `plain-${count}`,
      fingerprint: `${count}`,
      address: tv,
      request: { ...request, key, encryptsRtsp: false },
    })
  }
  launches.add({ id: 'launch', fingerprint: 'tv', address: tv, request: { ...request, key, encryptsRtsp: true } })
  const desk = new RtspDesk({
    launches,
    offer: { encryption: { supported: 5, requested: 0 }, hevc: false, av1: false },
    udpPort: 47_998,
    clock,
    randomBytes,
    refuses,
    onAgreed: (stream) => agreed.push(stream) > 0,
    onViolation: (violation) => violations.push(violation),
    onUnfinished: (recording) => unfinished.push(recording),
  })
  return { desk, agreed, violations, unfinished, clock }
}

function requestOf(first: string, headers: string, body: string): string {
  const length = body === '' ? '' : `Content-length: ${body.length}\r\n`
  return `${first} RTSP/1.0\r\n${headers}Host: 0.0.0.0\r\n${length}\r\n${body}`
}

function opened(answer: Uint8Array | undefined): string {
  assert.ok(answer)
  const { sequence, tag, ciphertext } = decodeSealedRtsp(answer) ?? assert.fail()
  const cipher = createDecipheriv('aes-128-gcm', key, controlNonce(sequence, 'host', 'rtsp'))
  cipher.setAuthTag(tag)
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString()
}
