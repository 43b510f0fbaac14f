import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServerMessage } from '../../wire/signal/messages.ts'
import { openGatewayRig, owner } from '../../../test/support/gateway-rig.ts'
import type { RtcReceiver } from '../../../test/support/rtc-receiver.ts'

const shape = { width: 800, height: 600, maxFps: 30 }
type Shape = Extract<ServerMessage, { type: 'shape' }>
const answers = ({ messages }: RtcReceiver) => messages.filter((message): message is Shape => message.type === 'shape')

test('a client that asks for a shape is told what there is, at once and with the figures, and back', async (t) => {
  const rig = await openGatewayRig(t)
  const { id: lobbyId } = await rig.host.createLobby({ appId: 'memory' })
  const receiver = await rig.watching(owner, { lobbyId })
  receiver.send({ type: 'shape', shape })
  await receiver.until(() => answers(receiver).length === 1, 'an answer')
  assert.deepEqual(answers(receiver)[0], { type: 'shape', asked: shape, given: shape })
  const { picture } = [...rig.host.sessions.values()][0] ?? assert.fail('no session')
  assert.deepEqual(picture.shape.value?.given, shape)
  await receiver.until(
    ({ messages }) => messages.some((message) => message.type === 'stats' && message.shape?.given?.width === 800),
    'figures with the shape',
  )
  receiver.send({ type: 'shape', shape: null })
  await receiver.until(() => answers(receiver).length === 2, 'another answer')
  assert.deepEqual(answers(receiver)[1], { type: 'shape', asked: null, given: null })
  assert.equal(picture.shape.value, undefined)
})

test('shapes that are asked for too often are answered and change nothing, and one that cannot be ends it', async (t) => {
  const rig = await openGatewayRig(t)
  const { id: lobbyId } = await rig.host.createLobby({ appId: 'memory' })
  const receiver = await rig.watching(owner, { lobbyId })
  for (let count = 1; count <= 12; count++) {
    receiver.send({ type: 'shape', shape: { ...shape, width: 800 + 2 * count } })
    await receiver.until(() => answers(receiver).length === count, 'an answer')
  }
  assert.ok(receiver.messages.some((message) => message.type === 'error' && message.code === 'too-many-requests'))
  const [last] = answers(receiver).slice(-1)
  assert.ok((last?.asked?.width ?? 0) < 824)
  receiver.send({ type: 'shape', shape: { ...shape, width: 9_000 } })
  await receiver.until(
    ({ messages }) => messages.some((message) => message.type === 'error' && message.code !== 'too-many-requests'),
    'the end',
  )
})
