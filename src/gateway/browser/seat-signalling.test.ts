import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member } from '../../domain/member.ts'
import type { DeliveredMessage } from '../../wire/signal/deliveries.ts'
import type { SeatsMessage } from '../../wire/signal/seats.ts'
import type { SeatId } from '../../domain/seat.ts'
import { openGatewayRig, owner, viewer, type GatewayRig } from '../../../test/support/gateway-rig.ts'
import type { RtcReceiver } from '../../../test/support/rtc-receiver.ts'

const player: Member = { id: 'player', name: 'Pia', role: 'player', lobbies: 'all' }

const latest = ({ messages }: RtcReceiver) =>
  messages.findLast((message): message is SeatsMessage => message.type === 'seats')
const keyboard = (receiver: RtcReceiver) => latest(receiver)?.seats.find(({ id }) => id === 'keyboard-mouse')

/** A lobby with a receiver for each member in it, who have all been told so. */
async function openScene<const Members extends readonly Member[]>(rig: GatewayRig, ...members: Members) {
  const { id: lobbyId } = await rig.host.createLobby({ appId: 'memory' })
  const display = await rig.displayOf(lobbyId)
  const receivers = await Promise.all(members.map((member) => rig.watching(member, { lobbyId })))
  const players = members.filter(({ role }) => role !== 'viewer').length
  for (const receiver of receivers) {
    await receiver.until(({ inputOpen }) => inputOpen && latest(receiver)?.players.length === players, 'all players')
  }
  return { lobbyId, display, receivers: receivers as { [Index in keyof Members]: RtcReceiver } }
}

test('everybody in a lobby is told who has a seat, who asks for it and whether it is locked', async (t) => {
  const rig = await openGatewayRig(t)
  const { lobbyId, receivers } = await openScene(rig, owner, player, viewer)
  const [olga, pia, vera] = receivers
  const [olgaId, piaId] = [olga.session.sessionId, pia.session.sessionId]
  assert.equal(latest(vera)?.lobbyId, lobbyId)
  assert.deepEqual(
    latest(vera)
      ?.players.map(({ name, role }) => `${name} ${role}`)
      .toSorted(),
    ['Olga owner', 'Pia player'],
  )
  const all = (accept: (seat: ReturnType<typeof keyboard>) => boolean, what: string) =>
    Promise.all(receivers.map((receiver) => receiver.until(() => accept(keyboard(receiver)), what)))

  pia.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
  await all((seat) => seat?.holder === piaId, 'Pia has it')
  void olga.wish('keyboard-mouse', { do: 'request' })
  await all((seat) => seat?.requests[0] === olgaId, 'Olga asks')
  void pia.wish('keyboard-mouse', { do: 'hand-over', to: olgaId })
  await all((seat) => seat?.holder === olgaId && seat.requests.length === 0, 'Olga has it')
  void olga.wish('keyboard-mouse', { do: 'lock' })
  await all((seat) => seat?.locked === true, 'it is locked')
})

test('what a seat held down goes up when it is handed over, and only its holder reaches the display', async (t) => {
  const rig = await openGatewayRig(t)
  const { display, receivers } = await openScene(rig, owner, player)
  const [olga, pia] = receivers
  const key = { type: 'key', code: 'KeyA', key: 'a', down: true } as const
  pia.input(key)
  await pia.until(() => keyboard(pia)?.holder === pia.session.sessionId, 'Pia has it')
  void pia.wish('keyboard-mouse', { do: 'hand-over', to: olga.session.sessionId })
  await olga.until(() => keyboard(olga)?.holder === olga.session.sessionId, 'Olga has it')
  assert.deepEqual(display.received, [key, { type: 'release-all' }])
  pia.input({ type: 'text', text: 'lost' })
  olga.input({ type: 'text', text: 'found' })
  await olga.until(() => display.received.length > 2, 'what Olga writes')
  assert.deepEqual(display.received.slice(2), [{ type: 'text', text: 'found' }])
  assert.equal(pia.closeCode, undefined, 'input without the seat is dropped, not punished')
})

test('a wish that cannot be is refused with its reason, and the conversation goes on', async (t) => {
  const rig = await openGatewayRig(t)
  const { receivers } = await openScene(rig, owner, player, viewer)
  const [, pia, vera] = receivers
  const code = async (done: Promise<DeliveredMessage>) => (await done).refused.map((refusal) => refusal.code).join()
  assert.equal(await code(pia.wish('keyboard-mouse', { do: 'take-back' })), 'forbidden')
  assert.equal(await code(pia.wish('gamepad-1', { do: 'hand-over', to: 'nobody' })), 'not-in-lobby')
  assert.equal(await code(vera.wish('keyboard-mouse', { do: 'request' })), 'input-forbidden')
  assert.equal(await code(pia.wish('gamepad-1', { do: 'request' })), '')
  void pia.wish('gamepad-9' as SeatId, { do: 'request' }).catch(() => {})
  await pia.until(({ closeCode }) => closeCode !== undefined, 'the end of who sends nonsense')
})

test('everybody in a lobby is told who asks to play, until the owner has said what becomes of it', async (t) => {
  const rig = await openGatewayRig(t)
  const { lobbyId, receivers } = await openScene(rig, owner, viewer)
  const [olga, vera] = receivers
  const askers = (receiver: RtcReceiver) =>
    latest(receiver)
      ?.askers?.map(({ name }) => name)
      .join()
  const done = await vera.deliver({ do: 'ask-to-play', asks: true })
  assert.deepEqual(done.refused, [])
  await Promise.all(receivers.map((receiver) => receiver.until(() => askers(receiver) === 'Vera', 'Vera asks')))
  rig.host.declineAsker(lobbyId, viewer.id)
  await olga.until(() => askers(olga) === '', 'nobody asks')
  const again = await vera.deliver({ do: 'ask-to-play', asks: true })
  assert.deepEqual(
    again.refused.map(({ code }) => code),
    ['declined-lately'],
  )
})

test('a session that is resumed has its seat again', async (t) => {
  const rig = await openGatewayRig(t)
  const { lobbyId, receivers } = await openScene(rig, owner, player)
  const [olga, pia] = receivers
  pia.input({ type: 'text', text: 'mine' })
  await olga.until(() => keyboard(olga)?.holder === pia.session.sessionId, 'Pia has it')
  const { session } = pia
  pia.cutSocket()
  await olga.until(() => keyboard(olga)?.holder === undefined, 'nobody has it')
  const back = rig.receiver(player, { resume: session })
  await back.message('reconnect-ack')
  await olga.until(() => keyboard(olga)?.holder === session.sessionId, 'Pia has it again')
  assert.equal(latest(back)?.lobbyId, lobbyId)
})

test('everybody sees where the players point, with and without the seat, and nobody where a viewer does', async (t) => {
  const rig = await openGatewayRig(t)
  const { receivers } = await openScene(rig, owner, player, viewer)
  const [olga, pia, vera] = receivers
  const numberOf = (name: string) => latest(vera)?.players.find((one) => one.name === name)?.pointer ?? -1
  assert.equal(new Set([numberOf('Olga'), numberOf('Pia'), -1]).size, 3)
  olga.input({ type: 'pointer', x: 0.25, y: 0.75 })
  pia.input({ type: 'pointer', x: 1, y: 0 })
  for (const receiver of [olga, vera]) {
    const at = (name: string) => receiver.pointers.get(numberOf(name))
    await receiver.until(() => at('Olga') !== undefined && at('Pia')?.x === 1, 'both pointers')
    assert.ok(Math.abs((at('Olga')?.x ?? 0) - 0.25) < 1e-4)
  }
  vera.input({ type: 'pointer', x: 0.5, y: 0.5 })
  await vera.message('error')
  assert.equal(vera.pointers.size, 2)
})
