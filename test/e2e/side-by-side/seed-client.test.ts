import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openChromium } from '../../support/chromium.ts'
import { CuttingProxy } from '../../support/cutting-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { openFirefox } from '../../support/firefox.ts'
import { RestartablePorchlight } from '../../support/restartable-porchlight.ts'
import { RtcReceiver } from '../../support/rtc-receiver.ts'
import { openSeedClient, type SeedClientFacts } from '../../support/seed-client.ts'

const server = await RestartablePorchlight.open({ flags: ['--app', 'test-pattern', '--log-level', 'debug'] })
after(() => server[Symbol.asyncDispose]())
// Only the first start prints it.
const { ownerToken } = server.house
const lobby = await server.house.firstLobby()
const { token } = await server.house.invite(lobby.id, 'player')

for (const [name, openBrowser] of [
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
] as const) {
  test(
    `a client of seed 003 in ${name} connects by a channel alone, speaks later, and comes back`,
    { timeout: 120_000 },
    async () => {
      const { house } = server
      await using opened = await openBrowser()
      const page = await opened.browser.newPage()
      const client = await openSeedClient(page)
      const seen = (accept: (facts: SeedClientFacts) => boolean, what: string) =>
        eventually(() => client.facts(), accept, { what, withinMs: 30_000 })
      await using proxy = await CuttingProxy.open(house.port)
      await using listener = new RtcReceiver({ url: house.signallingUrl, token: ownerToken, lobbyId: lobby.id })
      const url = `ws://127.0.0.1:${proxy.port}/?invite=${token}`
      await client.connect(url)
      await seen(({ connected }) => connected, 'a connection that holds a channel and nothing else')

      const words = `Hello from ${name}`
      await client.say(JSON.stringify({ type: 'text', text: words }))
      const isHeard = () =>
        listener.messages.some((one) => one.type === 'texts' && one.texts.some(({ text }) => text === words))
      await listener.until(isHeard, 'what was said on its channel')
      await client.send({ type: 'audio', data: 'AAAA' })
      await client.send({ type: 'attachments', attachments: [] })
      await client.send({ type: 'ping', timestamp: 1 })
      await seen(({ pongs }) => pongs === 1, 'a pong')

      /** Of all gateways, taken and dropped. */
      const voices = async () =>
        [...(await house.metrics(ownerToken))]
          .filter(([sample]) => /^porchlight_voice_packets_(dropped_)?total\b/.test(sample))
          .reduce((sum, [, value]) => sum + value, 0)
      const before = await voices()
      await client.addMicrophone()
      const speaking = await seen(({ soundPackets, connected }) => soundPackets > 50 && connected, 'sound of the lobby')
      assert.equal(new Set(speaking.ufrags).size, 1, 'it is one connection')
      await eventually(voices, (now) => now > before + 20, { what: 'its voice at the host' })
      await client.removeMicrophone()
      const silent = await voices()
      await client.addMicrophone()
      await eventually(voices, (now) => now > silent + 20, { what: 'its voice again' })
      const { errors } = await seen(({ connected }) => connected, 'the connection')
      // A test pattern has no ears.
      assert.deepEqual(new Set(errors), new Set(['voice-forbidden']))

      for (const soundPackets of [0, 20]) {
        proxy.cut()
        await seen(({ socketOpen }) => !socketOpen, 'the loss')
        await client.connect(url)
        const back = await seen(({ connected }) => connected, 'the connection again')
        assert.deepEqual(back.acknowledged.at(-1), { success: true, historyRecovered: true })
        if (soundPackets > 0) await client.addMicrophone()
        await seen((facts) => facts.soundPackets >= soundPackets, 'sound on the connection that came back')
      }

      await server.kill()
      await seen(({ socketOpen }) => !socketOpen, 'the end of the server')
      await server.start()
      await client.connect(url)
      const fresh = await seen(({ connected }) => connected, 'a connection with the server that was started again')
      assert.deepEqual(fresh.acknowledged.at(-1), { success: false, historyRecovered: false })
      assert.ok(fresh.sessionId && !server.house.log.includes(fresh.sessionId), 'the handle is in no log')
    },
  )
}
