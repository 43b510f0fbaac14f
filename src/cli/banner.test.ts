import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBanner, readyBanner } from './banner.ts'

const links = ['https://192.168.1.5:8080/', 'http://localhost:8080/']

test('openBanner shows a new token in every link, and a QR code of the first', () => {
  const drawn: string[] = []
  const text = openBanner({
    links,
    isNative: false,
    ownerToken: 'abc',
    fingerprint: undefined,
    drawQrCode: (link) => {
      drawn.push(link)
      return '█\n'
    },
    canLetNetworkIn: true,
  })
  assert.equal(
    text,
    `Porchlight is on.
  Open    https://192.168.1.5:8080/#token=abc  (QR code below)
          http://localhost:8080/#token=abc
          The link is the key to everything here. It is shown this once: keep it.

█

`,
  )
  assert.deepEqual(drawn, ['https://192.168.1.5:8080/#token=abc'])
})

test('openBanner of a later start says how to get a new link, and how to let others in where it is for this computer only', () => {
  const text = openBanner({
    links: links.slice(1),
    isNative: false,
    ownerToken: undefined,
    fingerprint: undefined,
    drawQrCode: undefined,
    canLetNetworkIn: true,
  })
  assert.equal(
    text,
    `Porchlight is on.
  Open    http://localhost:8080/
          with the link of the first start, or make a new one: npm start -- --new-owner-link
  Others  So far it leads to this computer only. Your network is let in by Share in the page,
          by npm start -- network open beside this one, or at the next start by npm start -- --host 0.0.0.0.
`,
  )
})

test('openBanner of a server whose --host was given says what else lets others in', () => {
  const options = { ownerToken: 'abc', fingerprint: undefined, drawQrCode: undefined, canLetNetworkIn: false }
  const text = openBanner({ ...options, links: links.slice(1), isNative: false })
  assert.match(text, /^ {2}Others {2}are let in by npm start -- --host 0\.0\.0\.0\. /m)
})

test('openBanner shows the fingerprint of a certificate in groups that can be compared', () => {
  const fingerprint = Array.from({ length: 32 }, (_, byte) => (byte + 0xa0).toString(16).toUpperCase()).join(':')
  const text = openBanner({
    links,
    isNative: false,
    ownerToken: undefined,
    fingerprint,
    drawQrCode: undefined,
    canLetNetworkIn: true,
  })
  assert.equal(
    text,
    `Porchlight is on.
  Open    https://192.168.1.5:8080/
          http://localhost:8080/
          with the link of the first start, or make a new one: npm start -- --new-owner-link
  HTTPS   has a certificate of this machine's own, of which a browser warns once. Compare its SHA-256 fingerprint:
          A0A1 A2A3 A4A5 A6A7 A8A9 AAAB ACAD AEAF
          B0B1 B2B3 B4B5 B6B7 B8B9 BABB BCBD BEBF
`,
  )
})

test('readyBanner shows the lobbies, who apps are and each missing part with its remedy', () => {
  const encoding = { codec: 'H.264', encoder: 'x264' }
  const text = readyBanner({
    lobbies: [{ title: 'Desktop', width: 1280, height: 720, fps: 60, encoding }],
    missing: [{ what: 'PulseAudio', consequence: 'there is no sound', remedy: 'sudo apt-get install pulseaudio' }],
    appUsers: 'a user of its own for each lobby',
  })
  assert.equal(
    text,
    `  Lobby   Desktop  1280x720@60  H.264  x264
  Apps    a user of its own for each lobby
  Missing PulseAudio: there is no sound
          sudo apt-get install pulseaudio
  Stop    Ctrl+C
`,
  )
})

test('readyBanner shows no lobby where there is none', () => {
  assert.equal(readyBanner({ lobbies: [], missing: [], appUsers: undefined }), '  Stop    Ctrl+C\n')
})

test('openBanner says how programs view where the native transport is served, and by no link', () => {
  const options = { links, ownerToken: 'abc', fingerprint: undefined, drawQrCode: undefined, canLetNetworkIn: true }
  assert.match(openBanner({ ...options, isNative: true }), /^ {2}Native {2}by npm start -- view LINK /m)
  assert.doesNotMatch(openBanner({ ...options, isNative: false }), /Native/)
})
