import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import { signalCloseCode } from '../../wire/signal/messages.ts'
import type { VoicesMessage } from '../../wire/signal/voices.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { openGatewayRig, owner, viewer, type GatewayRig } from '../../../test/support/gateway-rig.ts'
import type { RtcReceiver } from '../../../test/support/rtc-receiver.ts'
import { WebMediaReceiver } from '../../../test/support/web-media-receiver.ts'

const player: Member = { id: 'player', name: 'Pia', role: 'player', lobbies: 'all' }
const latest = ({ messages }: RtcReceiver) =>
  messages.findLast((message): message is VoicesMessage => message.type === 'voices')
const unit = (timestamp: number) => ({ timestamp, data: Uint8Array.of(0xfc, timestamp & 0xff) })

async function openScene(rig: GatewayRig, ...members: readonly Member[]) {
  const { id: lobbyId } = await rig.host.createLobby({ appId: 'memory' })
  await rig.displayOf(lobbyId)
  const receivers = await Promise.all(members.map((member) => rig.watching(member, { lobbyId, voice: true })))
  const sessionOf = (receiver: RtcReceiver) => rig.host.sessions.get(receiver.session.sessionId)
  for (const receiver of receivers) {
    await receiver.until(() => sessionOf(receiver)?.place.value.kind === 'lobby', 'everybody in the lobby')
  }
  const [producer] = rig.producers
  assert.ok(producer)
  return { lobbyId, receivers, voices: producer.voices }
}

test('a voice over WebRTC reaches the app of the lobby, packet by packet', async (t) => {
  const rig = await openGatewayRig(t)
  const { receivers, voices } = await openScene(rig, player)
  const [pia] = receivers
  assert.ok(pia)
  for (let at = 0; at < 10; at++) pia.speak(unit(at * 960))
  await pia.until(() => voices.heard.length === 10, 'ten packets')
  assert.deepEqual(
    voices.heard.map(({ speakerId, unit: { timestamp } }) => [speakerId, timestamp]),
    Array.from({ length: 10 }, (_, at) => [pia.session.sessionId, at * 960]),
  )
  assert.deepEqual(rig.gateway.counters.voicePackets, 10)
})

test('a voice through the web port reaches the app as well', async (t) => {
  const rig = await openGatewayRig(t)
  const { receivers, voices } = await openScene(rig, player)
  const [pia] = receivers
  assert.ok(pia)
  pia.send({ type: 'web-media', codecs: ['h264'], audio: true })
  const { ticket } = await pia.message('web-media-ticket')
  using media = new WebMediaReceiver(rig.mediaUrl, ticket)
  await media.opened()
  media.send({ type: 'voice', ...unit(960) })
  await media.until(() => voices.heard.length === 1, 'a packet')
  const [heard] = voices.heard
  assert.equal(heard?.speakerId, pia.session.sessionId)
  assert.deepEqual([heard?.unit.timestamp, ...(heard?.unit.data ?? [])], [960, ...unit(960).data])
})

test('whoever may not speak is told once why, and goes on watching', async (t) => {
  const rig = await openGatewayRig(t)
  const { lobbyId, receivers, voices } = await openScene(rig, viewer)
  const [vera] = receivers
  assert.ok(vera)
  for (let at = 0; at < 50; at++) vera.speak(unit(at * 960))
  await vera.until(() => rig.gateway.counters.voicePacketsDropped === 50, 'fifty packets')
  // What is told after it has come: so has every refusal.
  await rig.host.changeLobby(lobbyId, { voice: 'players' })
  await vera.until(() => latest(vera)?.voice === 'players', 'the next notice')
  const refusals = vera.messages.filter((message) => message.type === 'error')
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['voice-forbidden'],
  )
  assert.equal(voices.heard.length, 0)
  assert.equal(vera.closeCode, undefined)
})

test('everybody is told who would hear them and who speaks, at every change', async (t) => {
  const rig = await openGatewayRig(t)
  const { lobbyId, receivers, voices } = await openScene(rig, owner, viewer)
  const [olga, vera] = receivers
  assert.ok(olga && vera)
  await vera.until(() => latest(vera) !== undefined, 'the first notice')
  assert.deepEqual(latest(vera), {
    type: 'voices',
    lobbyId,
    voice: 'app',
    audience: { app: false, members: false },
    speaking: [],
  })
  await olga.until(() => latest(olga)?.audience.app === true, 'the owner is heard by the app')
  await rig.host.changeLobby(lobbyId, { voice: 'everybody' })
  await vera.until(() => latest(vera)?.audience.members === true, 'everybody is heard')
  const { sessionId } = olga.session
  olga.speak(unit(0))
  await olga.until(() => voices.speakers.length === 1, 'a speaker')
  voices.speaking.set([sessionId])
  await vera.until(() => latest(vera)?.speaking[0] === sessionId, 'who speaks')
  rig.host.changeRole('viewer', 'player')
  await vera.until(() => latest(vera)?.audience.app === true, 'a player is heard by the app')
})

test('a client that floods is cut off', async (t) => {
  const rig = await openGatewayRig(t)
  const { receivers } = await openScene(rig, player)
  const [pia] = receivers
  assert.ok(pia)
  const timer = setInterval(() => {
    for (let at = 0; at < 50; at++) pia.speak(unit(at * 960))
  }, 10)
  try {
    await eventually(
      () => pia.closeCode,
      (code) => code === signalCloseCode.protocolViolation || code === signalCloseCode.flood,
      { what: 'the end of the conversation' },
    )
  } finally {
    clearInterval(timer)
  }
})
