import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { nodeCrypto } from '../../net/native/node-crypto.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import { SharedPorts } from '../../party/share/shared-ports.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import { encodeKey } from '../../wire/wireguard/wireguard-key.ts'
import { FollowedPorts, localKeyOf } from './followed-ports.ts'

const keptList = <T>(value: readonly T[]) => ({ value, subscribe: () => () => {}, keep: () => {} })

/** Whether a program finds something that listens at a TCP port of this machine. */
async function isAnswered(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const found = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return found
}

/** Whether a UDP port of this machine is taken. */
async function isTaken(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  const taken = await once(socket, 'listening').then(
    () => false,
    () => true,
  )
  socket.close()
  return taken
}

test('a port that leads to a member is shut while that member is away, says why, and is back at the same place by itself', async (t) => {
  const ada = { id: 'ada', name: 'Ada', publicKey: encodeKey(nodeCrypto.newKeyPair().publicKey), virtualIp: '' }
  const ports = new SharedPorts({
    own: nodeCrypto.newKeyPair(),
    carrier: { send: () => false, listen: () => () => {} },
    members: () => [ada],
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
  t.after(() => ports[Symbol.asyncDispose]())
  const wanted: OpenedPort[] = []
  for (const protocol of ['tcp', 'udp'] as const) {
    wanted.push(await ports.open({ memberId: 'ada', protocol, port: 25_565, localPort: 0 }))
  }
  const [tcp, udp] = wanted as [OpenedPort, OpenedPort]
  let why: string | undefined
  const settings = { shares: keptList<PortShare>([]), ports: keptList(wanted) }
  const followed = new FollowedPorts(ports, { settings, whyAway: () => why, log: silentLog })
  const members = new Set(['ada'])
  const listen = async () => [await isAnswered(tcp.localPort), await isTaken(udp.localPort)]
  await followed.follow(members)
  assert.ok(!followed.isBehind && !followed.isShort)
  assert.deepEqual(await listen(), [true, true])

  why = 'no path answers any more'
  assert.ok(followed.isBehind)
  await followed.follow(members)
  assert.ok(!followed.isBehind && !followed.isShort)
  assert.deepEqual(await listen(), [false, false])
  assert.deepEqual(
    [...followed.refusals],
    [tcp, udp].map((each) => [localKeyOf(each), why]),
  )
  assert.deepEqual(
    ports.opened.map(({ isListening }) => isListening),
    [false, false],
  )

  // Somebody else takes one of them meanwhile, and lets go of it.
  const other = createServer().listen(tcp.localPort, '127.0.0.1')
  await once(other, 'listening')
  why = undefined
  await followed.follow(members)
  assert.ok(followed.isShort)
  assert.match(followed.refusals.get(localKeyOf(tcp)) ?? '', /Cannot listen on 127\.0\.0\.1/)
  other.close()
  await once(other, 'close')
  await followed.follow(members)
  assert.ok(!followed.isShort)
  assert.deepEqual(await listen(), [true, true])

  why = 'that member is not in this party now'
  await followed.follow(new Set())
  assert.deepEqual(ports.opened, [])
  assert.deepEqual(await listen(), [false, false])
  why = undefined
  await followed.follow(members)
  assert.deepEqual(await listen(), [true, true])
})
