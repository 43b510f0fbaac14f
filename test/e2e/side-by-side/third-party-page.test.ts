import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import * as v from 'valibot'
import { createdInvitation } from '../../../src/wire/api/resources.ts'
import { listenInApp } from '../../support/app-ear.ts'
import { eventually } from '../../support/eventually.ts'
import { openFirefox } from '../../support/firefox.ts'
import { buildInPage } from '../../support/in-page-script.ts'
import { LobbyMachine } from '../../support/lobby-machine.ts'
import type { Heard } from '../../support/page-probe.ts'
import { RestartablePorchlight } from '../../support/restartable-porchlight.ts'
import { openSpeakingChromium } from '../../support/speaking-chromium.ts'
import { playTone } from '../../support/tone.ts'

const voiceHz = 440
const toneHz = 1300
const server = await RestartablePorchlight.open({ flags: ['--app', 'terminal'] })
after(() => server[Symbol.asyncDispose]())
const { ownerToken, port } = server.house
const host = `127.0.0.1:${port}`
const lobby = await server.house.firstLobby()
const speaking = await openSpeakingChromium(voiceHz)
after(() => speaking[Symbol.asyncDispose]())
const { browser } = speaking.chromium

/** As strict as a page can be that loads the client from the host: no program of its own making, no worker, nothing from elsewhere. */
const policy = `default-src 'none'; script-src 'nonce-page' http://${host}; connect-src http://${host} ws://${host}`
const page = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html').setHeader('Content-Security-Policy', policy)
  response.end(`<!doctype html><video autoplay playsinline></video>
    <script type="module" nonce="page">
      globalThis.porchlight = await import('http://${host}/client.js')
      document.title = 'ready'
    </script>`)
})
page.listen(0, '127.0.0.1')
await once(page, 'listening')
after(() => page.close())
// Another site altogether.
const address = `http://localhost:${(page.address() as AddressInfo).port}/`
const probe = await buildInPage(new URL('../../support/in-page/install-page-probe.ts', import.meta.url))

async function visit(opened: Browser, { hasWebRtc = true } = {}): Promise<Page> {
  const visitor = await opened.newPage()
  await visitor.addInitScript(`(() => { ${probe}; ${hasWebRtc ? '' : 'delete globalThis.RTCPeerConnection;'} })()`)
  await visitor.goto(address)
  await until(visitor, 'document.title === "ready"')
  return visitor
}

/** Asked from outside, since the page evaluates no text. */
function until(visitor: Page, expression: string, withinMs = 20_000): Promise<unknown> {
  return eventually(
    () => visitor.evaluate(expression),
    (isSo) => isSo === true,
    { what: expression, withinMs },
  )
}

/** Starts `client` in the page; resolves with the code of what it failed by, if it did. */
function start(visitor: Page, options: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  return visitor.evaluate(`(async () => {
    globalThis.client = new porchlight.PorchlightClient({ signallingUrl: 'http://${host}/', ...${JSON.stringify(options)} })
    client.attach(document.querySelector('video'))
    globalThis.states = []
    client.on('stateChange', (state) => states.push(state))
    return client.start().then(() => undefined, (error) => error.code)
  })()`)
}

const options = { timeout: 120_000 }

test('a page of any origin says of a link that it has to be redeemed, redeems it, and comes in', options, async () => {
  const body = { lobbyId: lobby.id, role: 'viewer', pin: '40287', maxUses: 1 }
  const { fragment } = v.parse(createdInvitation, (await server.house.api('POST', 'invitations', { body })).json())
  const link = new URLSearchParams(fragment).get('invite')
  const visitor = await visit(browser)
  assert.equal(await start(visitor, { token: link }), 'not-redeemed')
  const redeemed = await visitor.evaluate(`(async () => {
    const door = new porchlight.ApiClient({ baseUrl: 'http://${host}', token: ${JSON.stringify(link)} })
    const { id, needsPin } = await door.offeredInvitation()
    const claim = porchlight.newClaim()
    const redeem = (pin) => door.redeemInvitation({ claim, name: 'Ada', pin })
    const wrong = await redeem('40288').catch((error) => error.code)
    return { needsPin, wrong, token: (await redeem('40287')).token }
  })()`)
  const { token, ...told } = redeemed as { token: string }
  assert.deepEqual(told, { needsPin: true, wrong: 'wrong-pin' })
  assert.equal(await start(visitor, { token }), undefined)
  assert.equal(await visitor.evaluate('client.place.value.lobbyId'), lobby.id)
  await visitor.evaluate('client.close()')
  const refused = await start(visitor, { token: ownerToken, reconnection: { enabled: false } })
  assert.equal(refused, 'signalling-lost', "the owner's own token is for the host's own pages")
  await visitor.close()
})

test(
  'a page that has stored nothing but the id goes on in its session after it was loaded again',
  options,
  async () => {
    const { token } = await server.house.invite(lobby.id, 'player')
    const visitor = await visit(browser)
    const begin = (): Promise<unknown> =>
      visitor.evaluate(`(async () => {
      const client = new porchlight.PorchlightClient({ signallingUrl: 'http://${host}/', token: ${JSON.stringify(token)} })
      client.attach(document.querySelector('video'))
      let came
      client.on('session', (session) => (came = session))
      await client.start({ sessionId: localStorage.getItem('session') })
      localStorage.setItem('session', client.currentSessionId)
      return { id: client.currentSessionId, recovered: came.historyRecovered }
    })()`)
    const { id } = v.parse(v.object({ id: v.string() }), await begin())
    await visitor.reload()
    await until(visitor, 'document.title === "ready"')
    assert.deepEqual(await begin(), { id, recovered: true })
    // What is no id counts as left out: it is the session before the reload.
    await visitor.evaluate(`localStorage.setItem('session', 'x'.repeat(100))`)
    await visitor.reload()
    await until(visitor, 'document.title === "ready"')
    assert.deepEqual(await begin(), { id, recovered: true })
    await visitor.close()
  },
)

test('without media one is in the lobby of the link all the same', options, async () => {
  const { token } = await server.house.invite(lobby.id, 'viewer')
  const visitor = await visit(browser)
  assert.equal(await start(visitor, { token, media: 'none' }), undefined)
  await until(visitor, `client.place.value?.lobbyId === ${JSON.stringify(lobby.id)}`)
  await visitor.close()
})

for (const [name, open] of [
  ['Chromium', async () => ({ browser, [Symbol.asyncDispose]: async () => {} })],
  ['Firefox', openFirefox],
] as const) {
  test(`in ${name} a page that lets in no other program hears the lobby through the web port`, options, async () => {
    await using opened = await open()
    const machine = new LobbyMachine(server.house, lobby.id)
    await using _ = await playTone(machine, toneHz)
    const { token } = await server.house.invite(lobby.id, 'player')
    const visitor = await visit(opened.browser, { hasWebRtc: false })
    assert.equal(await start(visitor, { token }), undefined)
    assert.equal(await visitor.evaluate('client.path.value.kind'), 'web-port')
    const hears = (hz: number) => visitor.evaluate(`pageProbe.hear(${hz})`) as Promise<Heard>
    await eventually(
      () => hears(toneHz).catch(() => undefined),
      (heard) => heard !== undefined && heard.toneDb > -25,
      { what: 'the tone', withinMs: 30_000 },
    )
    // Pieces that do not meet would be heard at all frequencies.
    await eventually(
      () => hears(4321),
      ({ toneDb }) => toneDb < -50,
      { what: 'the tone and nothing else', withinMs: 20_000 },
    )
    await visitor.close()
  })
}

test('a microphone that says it is on is heard, where no other program is let in', options, async () => {
  await using ear = await listenInApp(new LobbyMachine(server.house, lobby.id))
  const { token } = await server.house.invite(lobby.id, 'player')
  const visitor = await visit(browser, { hasWebRtc: false })
  assert.equal(await start(visitor, { token }), undefined)
  await visitor.evaluate('client.microphone.turnOn()')
  await until(visitor, 'client.microphone.value.status === "on"')
  await eventually(
    () => ear.level(voiceHz),
    (level) => level > 0.01,
    { what: 'the voice in the app' },
  )
  await visitor.close()
})

test(
  'a page of another origin is back as soon as its host is, however long it would have waited',
  options,
  async (t) => {
    const { token } = await server.house.invite(lobby.id, 'viewer')
    const visitor = await visit(browser)
    const patient = { maxRetries: 5, baseDelayMs: 600_000, maxDelayMs: 600_000 }
    assert.equal(await start(visitor, { token, reconnection: patient }), undefined)
    await server.kill()
    await until(visitor, 'client.state === "reconnecting"')
    const house = await server.start()
    await until(visitor, 'client.state === "connected"', 30_000)
    t.diagnostic(`connected ${Date.now() - house.listeningMs} ms after it listened, and ready`)
    await visitor.close()
  },
)
