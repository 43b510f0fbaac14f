import assert from 'node:assert/strict'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { Member } from '../../../domain/member.ts'
import { ManualClock } from '../../../kernel/manual-clock.ts'
import type { LaunchRequest } from '../../../wire/moonlight/launch-request.ts'
import { ClientIdentity, PairingClient } from '../../../../test/support/moonlight/pairing-client.ts'
import { PairingDesk } from '../pairing/pairing-desk.ts'
import { NvHttp, type NvGuest, type NvRequest } from './nv-http.ts'

const ada: Member = { id: 'ada', name: 'Ada', role: 'player', lobbies: 'all' }
const host = new ClientIdentity()
const tv = new ClientIdentity()
const launchQuery = 'appid=7&mode=1280x720x60&rikey=00112233445566778899aabbccddeeff&rikeyid=1&corever=1'

test('a stranger is told what the host is, and nothing of what runs', async () => {
  const { ask } = openNvHttp()
  const info = await ask('/serverinfo', { query: 'uniqueid=0123456789ABCDEF' })
  assert.match(info, /<LocalIP>192\.0\.2\.1<\/LocalIP>/)
  assert.match(info, /<hostname>den<\/hostname>/)
  assert.match(info, /<PairStatus>0<\/PairStatus><currentgame>0<\/currentgame><state>SUNSHINE_SERVER_FREE</)
  for (const path of ['/applist', `/launch`, '/resume', '/appasset', '/cancel']) {
    for (const fingerprint of [undefined, 'unknown']) {
      assert.match(await ask(path, { query: launchQuery, fingerprint }), /status_code="401"/, path)
    }
  }
  assert.match(await ask('/etc/passwd'), /status_code="404"/)
})

test('a client that pairs over HTTP is known by its certificate over HTTPS', async () => {
  const { ask, desk, paired } = openNvHttp()
  const client = new PairingClient(tv, '1234')
  const id = 'uniqueid=0123456789ABCDEF&devicename=roth&updateState=1'
  const first = ask('/pair', {
    query: `${id}&phrase=getservercert&salt=${client.salt.toString('hex')}&clientcert=${client.certificateDigits}`,
  })
  desk.type(desk.requests[0]?.id ?? '', { pin: '1234', member: ada, deviceName: 'TV' })
  const pem = Buffer.from(/<plaincert>(\w+)</.exec(await first)?.[1] ?? '', 'hex').toString()
  assert.equal(pem, host.certificate)
  const challenged = await ask('/pair', { query: `${id}&clientchallenge=${client.challenge()}` })
  const response = /<challengeresponse>(\w+)</.exec(challenged)?.[1] ?? ''
  const answered = await ask('/pair', { query: `${id}&serverchallengeresp=${client.respond(response)}` })
  assert.ok(client.trusts(/<pairingsecret>(\w+)</.exec(answered)?.[1] ?? '', pem))
  const proved = await ask('/pair', { query: `${id}&clientpairingsecret=${client.prove()}` })
  assert.match(proved, /<paired>1</)
  const [fingerprint] = paired
  assert.match(await ask('/pair', { query: `${id}&phrase=pairchallenge`, fingerprint }), /<paired>1</)
  assert.match(await ask('/pair', { query: `${id}&phrase=pairchallenge`, fingerprint: 'other' }), /<paired>0</)
  assert.match(await ask('/serverinfo', { fingerprint }), /<PairStatus>1</)
})

test('another address cannot go on with what one has begun', async () => {
  const { ask, desk } = openNvHttp()
  const client = new PairingClient(tv, '1234')
  const first = ask('/pair', {
    query: `phrase=getservercert&salt=${client.salt.toString('hex')}&clientcert=${client.certificateDigits}`,
  })
  desk.type(desk.requests[0]?.id ?? '', { pin: '1234', member: ada, deviceName: 'TV' })
  await first
  const query = `clientchallenge=${client.challenge()}`
  assert.match(await ask('/pair', { query, address: '198.51.100.9' }), /<paired>0</)
  assert.match(await ask('/pair', { query }), /<challengeresponse>/)
})

test('a guest sees its titles, begins one and ends its own', async () => {
  const { ask, launched, paired } = openNvHttp()
  paired.push('tv')
  const list = await ask('/applist', { fingerprint: 'tv' })
  assert.match(list, /<AppTitle>Chess &#38; more<\/AppTitle><ID>7<\/ID>/)
  const answer = await ask('/launch', { query: launchQuery, fingerprint: 'tv' })
  assert.match(answer, /<sessionUrl0>rtspenc:\/\/0\.0\.0\.0:48010<\/sessionUrl0><gamesession>1</)
  assert.equal(launched[0]?.appId, 7)
  assert.match(
    await ask('/launch', { query: `${launchQuery}&corever=0`.replace('corever=1&', ''), fingerprint: 'tv' }),
    /rtsp:\/\//,
  )
  assert.match(
    await ask('/serverinfo', { fingerprint: 'tv' }),
    /<currentgame>7<\/currentgame><state>SUNSHINE_SERVER_BUSY</,
  )
  assert.match(await ask('/resume', { query: launchQuery, fingerprint: 'tv' }), /<resume>1</)
  assert.match(await ask('/cancel', { fingerprint: 'tv' }), /<cancel>1</)
  assert.match(await ask('/serverinfo', { fingerprint: 'tv' }), /<currentgame>0</)
})

test('a launch that cannot be is refused with a reason for people', async () => {
  const { ask, paired } = openNvHttp()
  paired.push('tv')
  const wrong = await ask('/launch', { query: launchQuery.replace('1280x720x60', 'big'), fingerprint: 'tv' })
  assert.match(wrong, /status_code="400" status_message="Cannot launch: mode/)
  const full = await ask('/launch', { query: launchQuery.replace('appid=7', 'appid=8'), fingerprint: 'tv' })
  assert.match(full, /status_code="503" status_message="There is no title 8"><gamesession>0</)
})

function openNvHttp() {
  const paired: string[] = []
  const launched: LaunchRequest[] = []
  const desk = new PairingDesk({
    host: {
      certificate: new X509Certificate(host.certificate),
      pem: host.certificate,
      key: createPrivateKey(host.key),
    },
    clock: new ManualClock(),
    randomBytes,
    keep: async ({ fingerprint }) => void paired.push(fingerprint),
    onViolation() {},
    onEnded() {},
  })
  const guest: NvGuest = {
    titles: () => [{ id: 7, name: 'Chess & more' }],
    still: async () => undefined,
    get current() {
      return launched.at(-1)?.appId ?? 0
    },
    launch: async (request) => {
      if (request.appId !== 7) throw new Error(`There is no title ${request.appId}`)
      launched.push(request)
    },
    cancel: async () => void launched.splice(0),
  }
  const http = new NvHttp({
    hostName: 'den',
    hostId: '00'.repeat(8),
    ports: { http: 47_989, https: 47_984, rtsp: 48_010 },
    codecModes: 1,
    pairing: desk,
    certificatePem: host.certificate,
    guest: async (fingerprint) => (paired.includes(fingerprint) ? guest : undefined),
  })
  const ask = async (path: string, of: Partial<Omit<NvRequest, 'query'>> & { query?: string } = {}) => {
    const { query = '', fingerprint, address = '192.0.2.7', signal = new AbortController().signal } = of
    const answer = await http.answer({
      path,
      query: new URLSearchParams(query),
      address,
      localAddress: '192.0.2.1',
      fingerprint,
      signal,
    })
    return String(answer.body)
  }
  return { ask, desk, paired, launched }
}
