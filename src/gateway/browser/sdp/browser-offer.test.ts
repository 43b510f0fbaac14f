import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../../test/support/fast-check.ts'
import { chromiumOffer, firefoxOffer } from '../../../../test/support/browser-offers.ts'
import { BrowserGatewayError, type BrowserGatewayErrorCode } from '../contract/gateway-error.ts'
import { answerForBrowser } from './answer-for-browser.ts'
import { readBrowserOffer, type BrowserOffer } from './browser-offer.ts'

const transport = {
  ice: { ufrag: 'ours', password: 'a-password-of-the-host-s' },
  fingerprint: 'sha-256 AA:BB',
  setup: 'active',
} as const
const answerTo = (offer: BrowserOffer) =>
  answerForBrowser(offer, { transport, ssrcs: { video: 11, audio: 22 }, version: 1, maxMessageBytes: 5121 })

const refusedWith = (code: BrowserGatewayErrorCode) => (error: unknown) =>
  error instanceof BrowserGatewayError && error.code === code

test('readBrowserOffer finds what Chromium offers', () => {
  const offer = readBrowserOffer(chromiumOffer())
  assert.deepEqual(
    [...(offer.video?.formats ?? [])],
    [
      [
        'h264',
        { payloadType: 108, parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' },
      ],
      ['vp8', { payloadType: 96, parameters: '' }],
    ],
  )
  assert.equal(offer.video?.transportExtensionId, 4)
  assert.equal(offer.audio?.payloadType, 111)
  assert.equal(offer.audio?.transportExtensionId, 4)
  assert.deepEqual(offer.data, { mid: '2', sctpPort: 5000 })
  assert.deepEqual(offer.ice, { ufrag: 'A6mW', password: '83KQW6Gk0KBOQMqjPBSYi2X1' })
  assert.equal(offer.setup, 'actpass')
  assert.deepEqual(
    offer.sections.map(({ use, mid }) => `${use} ${mid}`),
    ['video 0', 'audio 1', 'data 2'],
  )
})

test('readBrowserOffer numbers sound transport-wide by its own id, and only where pictures are numbered too', () => {
  const audio = (id: number) => [
    `a=extmap:${id} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`,
    'a=rtpmap:111 opus/48000/2',
  ]
  const own = readBrowserOffer(chromiumOffer({ audioLines: audio(7) }))
  assert.deepEqual([own.video?.transportExtensionId, own.audio?.transportExtensionId], [4, 7])
  assert.match(answerTo(own), /m=audio[^]*a=extmap:7 /)
  const without = readBrowserOffer(chromiumOffer({ audioLines: audio(7).slice(1) }))
  assert.deepEqual([without.video?.transportExtensionId, without.audio?.transportExtensionId], [4, 0])
  const alone = chromiumOffer({ videoLines: ['a=rtpmap:96 VP8/90000'], audioLines: audio(7) })
  const unnumbered = readBrowserOffer(alone.replace(/a=extmap:4 .*\r\n/, ''))
  assert.deepEqual([unnumbered.video?.transportExtensionId, unnumbered.audio?.transportExtensionId], [0, 0])
})

test('readBrowserOffer takes sections without a port that travel with the first, as Firefox offers them', () => {
  const bundled = chromiumOffer().replaceAll(/^(m=(?:audio|application)) 9 (.*\r\n)/gm, '$1 0 $2a=bundle-only\r\n')
  const offer = readBrowserOffer(bundled)
  assert.deepEqual(
    offer.sections.map(({ use }) => use),
    ['video', 'audio', 'data'],
  )
  assert.match(answerTo(offer), /m=audio 9 /)
  const givenUp = readBrowserOffer(bundled.replace('a=bundle-only\r\n', ''))
  assert.deepEqual(
    givenUp.sections.map(({ use }) => use),
    ['video', 'none', 'data'],
  )
})

test('readBrowserOffer finds the stream of a microphone, where one is offered', () => {
  const opus = 'a=rtpmap:111 opus/48000/2'
  const both = (...lines: string[]) =>
    chromiumOffer({ audioLines: [opus, ...lines] }).replace(/(a=mid:1\r\n)a=recvonly/, '$1a=sendrecv')
  const speaking = readBrowserOffer(both('a=ssrc:1992483241 cname:h6/mSqe', 'a=ssrc:1992483241 msid:- a'))
  assert.deepEqual(speaking.audio?.voice, { ssrc: 1_992_483_241 })
  assert.match(answerTo(speaking), /m=audio[^]*a=sendrecv/)
  const silent = readBrowserOffer(chromiumOffer({ audioLines: [opus, 'a=ssrc:7 cname:x'] }))
  assert.equal(silent.audio?.voice, undefined)
  assert.match(answerTo(silent), /m=audio[^]*a=sendonly/)
  for (const line of [
    'a=ssrc:0 cname:x',
    'a=ssrc:99999999999 cname:x',
    'a=ssrc:x cname:x',
    'a=ssrc',
    'a=ssrc:4294967296 cname:x',
  ]) {
    assert.equal(readBrowserOffer(both(line)).audio?.voice, undefined, line)
  }
})

test('readBrowserOffer takes baseline before main, and high profiles not at all', () => {
  const format = (payloadType: number, profile: string) => [
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} packetization-mode=1;profile-level-id=${profile}`,
  ]
  const choose = (...profiles: string[]) => {
    const videoLines = profiles.flatMap((profile, index) => format(100 + index, profile))
    const videoFormats = profiles.map((_, index) => 100 + index).join(' ')
    return readBrowserOffer(chromiumOffer({ videoFormats, videoLines })).video?.formats.get('h264')?.payloadType
  }
  assert.equal(choose('4d001f', '42001f', '42e01f'), 102)
  assert.equal(choose('4d001f', '42001f'), 101)
  assert.equal(choose('640c1f', '4d001f'), 101)
  assert.throws(() => choose('640c1f', 'f4001f'), refusedWith('no-usable-codec'))
})

test('readBrowserOffer takes VP8 alone when H.264 comes only with packetization-mode 0', () => {
  const offer = readBrowserOffer(
    chromiumOffer({
      videoFormats: '104 96',
      videoLines: [
        'a=rtpmap:104 H264/90000',
        'a=fmtp:104 packetization-mode=0;profile-level-id=42e01f',
        'a=rtpmap:96 VP8/90000',
      ],
    }),
  )
  assert.deepEqual([...(offer.video?.formats.keys() ?? [])], ['vp8'])
})

test('readBrowserOffer names what the host can send when nothing is usable', () => {
  const sdp = chromiumOffer({ videoFormats: '98', videoLines: ['a=rtpmap:98 VP9/90000'] })
  assert.throws(
    () => readBrowserOffer(sdp),
    (error) => refusedWith('no-usable-codec')(error) && /H\.264.*VP8/.test((error as Error).message),
  )
  const noOpus = chromiumOffer({ audioFormats: '9', audioLines: ['a=rtpmap:9 G722/8000'] })
  assert.throws(() => readBrowserOffer(noOpus), refusedWith('no-usable-codec'))
})

test('readBrowserOffer finds what Firefox offers: sections that only wait for the transport of the first are used', () => {
  const offer = readBrowserOffer(firefoxOffer())
  assert.deepEqual(
    offer.sections.map(({ use, mid }) => `${use} ${mid}`),
    ['video 0', 'audio 1', 'data 2'],
  )
  assert.deepEqual([...(offer.video?.formats ?? [])], [['vp8', { payloadType: 120, parameters: '' }]])
  assert.deepEqual([offer.audio?.payloadType, offer.audio?.transportExtensionId], [109, 0])
  assert.match(offer.fingerprint, /^sha-256 B9:FB/)
  const givenUp = readBrowserOffer(firefoxOffer().replaceAll('a=bundle-only\r\n', ''))
  assert.deepEqual(
    givenUp.sections.map(({ use }) => use),
    ['video', 'none', 'none'],
  )
})

test('readBrowserOffer reads credentials that stand before the sections, as in Firefox', () => {
  const lines = chromiumOffer({ transport: ['a=setup:actpass'] }).split('\r\n')
  lines.splice(
    4,
    0,
    'a=fingerprint:sha-256 ' + Array.from({ length: 32 }, () => 'AB').join(':'),
    'a=ice-ufrag:6e3f2c1a',
    'a=ice-pwd:0123456789abcdef0123456789abcdef',
  )
  assert.equal(readBrowserOffer(lines.join('\r\n')).ice.ufrag, '6e3f2c1a')
})

test('readBrowserOffer refuses sections of the same kind after the first, in their places', () => {
  const second = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:x', 'a=recvonly', 'a=rtpmap:96 VP8/90000']
  const offer = readBrowserOffer(chromiumOffer({ extraSections: second }))
  assert.deepEqual(
    offer.sections.map(({ use }) => use),
    ['video', 'audio', 'none', 'data'],
  )
  assert.match(answerTo(offer), /m=video 0 UDP\/TLS\/RTP\/SAVPF 0\r\nc=IN IP4 0\.0\.0\.0\r\na=mid:x/)
})

test('readBrowserOffer refuses what is no offer for it', () => {
  const cases: [sdp: string, code: BrowserGatewayErrorCode][] = [
    ['', 'sdp-malformed'],
    ['hello', 'sdp-malformed'],
    ['v=0\r\n', 'sdp-unsupported'],
    ['v=0\r\nm=video\r\n', 'sdp-malformed'],
    [chromiumOffer().replaceAll('a=mid:0', 'a=mid:1'), 'sdp-malformed'],
    [chromiumOffer().replaceAll('a=mid:0', 'a=mid:'), 'sdp-malformed'],
    [chromiumOffer({ transport: [] }), 'sdp-malformed'],
    [chromiumOffer().replaceAll('a=ice-ufrag:A6mW', 'a=ice-ufrag:A 6'), 'sdp-malformed'],
    [chromiumOffer().replaceAll('a=setup:actpass', 'a=setup:holdconn'), 'sdp-malformed'],
    [chromiumOffer().replaceAll('sha-256', 'md5'), 'sdp-malformed'],
    [chromiumOffer().replaceAll('a=sctp-port:5000', 'a=sctp-port:99999'), 'sdp-malformed'],
    [chromiumOffer().replaceAll('m=audio 9', 'm=message 9'), 'sdp-unsupported'],
    [chromiumOffer().replaceAll(/^m=(video|audio|application) 9/gm, 'm=$1 0'), 'sdp-unsupported'],
    [`v=0\r\n${'a=x\r\n'.repeat(2000)}`, 'sdp-too-large'],
    [`v=0\r\na=${'x'.repeat(3000)}\r\n`, 'sdp-too-large'],
    [`v=0\r\n${'m=video 9 UDP/TLS/RTP/SAVPF 96\r\n'.repeat(17)}`, 'sdp-too-large'],
    ['v=0\r\n'.padEnd(65 * 1024, 'a=b\r\n'), 'sdp-too-large'],
  ]
  for (const [sdp, code] of cases) assert.throws(() => readBrowserOffer(sdp), refusedWith(code), sdp.slice(0, 60))
})

test('readBrowserOffer takes any damage to an offer for an offer, or throws a typed error', () => {
  const whole = chromiumOffer().split('\r\n')
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(whole.length - 1), line: fc.option(fc.string(), { nil: undefined }) }), {
        maxLength: 6,
      }),
      (damages) => {
        const lines = [...whole]
        for (const { at, line } of damages) lines.splice(at, 1, ...(line === undefined ? [] : [line]))
        try {
          answerTo(readBrowserOffer(lines.join('\r\n')))
        } catch (error) {
          assert.ok(error instanceof BrowserGatewayError)
        }
      },
    ),
  )
})

test('readBrowserOffer keeps the usable candidates that came with the offer', () => {
  const candidates = [
    'candidate:1 1 udp 1 abc.local 9 typ host',
    'candidate:2 1 udp 7 192.0.2.7 9000 typ host generation 0',
  ]
  const offer = readBrowserOffer(chromiumOffer({ candidates }))
  assert.deepEqual(offer.candidates, ['candidate:2 1 UDP 7 192.0.2.7 9000 typ host'])
})

test('answerForBrowser has every section in its place, and all of them on one transport', () => {
  const extra = ['m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:x', 'a=recvonly', 'a=rtpmap:96 VP8/90000']
  const answer = answerTo(readBrowserOffer(chromiumOffer({ extraSections: extra })))
  assert.deepEqual(
    [...answer.matchAll(/^(?:m=\w+ \d|a=(?:mid|group|setup|ice-ufrag|ssrc):?[^\r]*)/gm)].map(([line]) => line),
    [
      'a=group:BUNDLE 0 1 2',
      'm=video 9',
      'a=mid:0',
      'a=ice-ufrag:ours',
      'a=setup:active',
      'a=ssrc:11 cname:porchlight',
      'a=ssrc:11 msid:stream video',
      'm=audio 9',
      'a=mid:1',
      'a=ice-ufrag:ours',
      'a=setup:active',
      'a=ssrc:22 cname:porchlight',
      'a=ssrc:22 msid:stream audio',
      'm=video 0',
      'a=mid:x',
      'm=application 9',
      'a=mid:2',
      'a=ice-ufrag:ours',
      'a=setup:active',
    ],
  )
})

test('answerForBrowser repeats nothing that was not understood', () => {
  const offer = readBrowserOffer(
    chromiumOffer({ candidates: ['candidate:1 1 udp 1 abc.local 9 typ host'], extraSections: ['a=evil:\u0000'] }),
  )
  assert.doesNotMatch(answerTo(offer), /evil|local|rtx|candidate/)
  assert.deepEqual(offer.candidates, [])
})
