import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askForStereo, preferredCodecs } from './codec-preferences.ts'

const vp8 = { mimeType: 'video/VP8' }
const rtx = { mimeType: 'video/rtx' }
const vp9 = { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' }
const h264 = (profile: string, mode: 0 | 1) => ({
  mimeType: 'video/H264',
  sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
})

test('preferredCodecs puts H.264 baseline in fragments first, VP8 behind all H.264, the rest last and all in', () => {
  const [baseline, whole, main] = [h264('42e01f', 1), h264('42e01f', 0), h264('4d001f', 1)]
  assert.deepEqual(preferredCodecs([vp8, rtx, vp9, whole, main, baseline]), [baseline, main, whole, vp8, rtx, vp9])
})

test('preferredCodecs keeps the order of a browser without H.264', () => {
  assert.deepEqual(preferredCodecs([rtx, vp8, vp9]), [vp8, rtx, vp9])
})

test('askForStereo adds stereo to the Opus formats and to nothing else', () => {
  const offer = [
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:103 H264/90000',
    'a=fmtp:103 packetization-mode=1',
    '',
  ].join('\r\n')
  const asked = askForStereo(offer)
  assert.match(asked, /^a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r$/m)
  assert.match(asked, /^a=fmtp:103 packetization-mode=1\r$/m)
  assert.equal(askForStereo(asked), asked)
})
