import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openGatewayRig, owner, viewer, type GatewayRig } from '../../../../test/support/gateway-rig.ts'
import type { RtcReceiver } from '../../../../test/support/rtc-receiver.ts'
import { until } from '../../../kernel/readable.ts'

/** A source description whose item is longer than the packet: its twelve bytes never end for who does not look at that. */
const endlessDescription = Buffer.from('81ca00021234567801ff6161', 'hex')

const pid = async ({ gateway }: GatewayRig) => {
  const found = await until(gateway.viewerProcess.pid, (value) => value !== undefined)
  assert.ok(found !== undefined)
  return found
}

const isLost = ({ messages }: RtcReceiver) => messages.some((one) => one.type === 'error' && one.code === 'media-lost')

/** Offers anew, on the same signalling socket, until there are pictures. */
async function watchesOn(receiver: RtcReceiver): Promise<void> {
  await receiver.until(isLost, 'the loss')
  const { pictures } = receiver.counts
  receiver.offer()
  await receiver.until(({ counts }) => counts.pictures > pictures, 'pictures again')
}

for (const [how, signal, cause, reason] of [
  ['killed', 'SIGKILL', 'killed', 'it was killed'],
  ['stopped', 'SIGSTOP', 'stopped', 'it was stopped'],
] as const) {
  test(`viewers watch on in the same sessions when their process is ${how}, and held keys are up`, async (t) => {
    const rig = await openGatewayRig(t)
    const lobby = await rig.host.createLobby({ appId: 'memory' })
    const [first, second] = await Promise.all([
      rig.watching(owner, { lobbyId: lobby.id }),
      rig.watching({ ...owner, id: 'second' }, { lobbyId: lobby.id }),
    ])
    await first.until(({ inputOpen }) => inputOpen, 'the input channels')
    const display = await rig.displayOf(lobby.id)
    first.input({ type: 'key', code: 'KeyA', key: 'a', down: true })
    await first.until(() => display.received.some(({ type }) => type === 'key'), 'the key')
    const sessions = [...rig.host.sessions.keys()]
    const before = await pid(rig)
    process.kill(before, signal)
    await Promise.all([first, second].map(watchesOn))
    assert.notEqual(await pid(rig), before)
    assert.deepEqual([...rig.host.sessions.keys()], sessions)
    assert.equal(display.received.at(-1)?.type, 'release-all')
    assert.deepEqual([...rig.gateway.viewerProcess.ends], [[cause, 1]])
    assert.deepEqual(
      rig.observed('interruption').map((one) => one.reason),
      [1, 2].map(() => `The viewer process is lost: ${reason}`),
    )
    assert.equal(rig.gateway.viewerProcess.shutOut, 0)
  })
}

test('viewers watch on in the same sessions when the port of media is bound anew, and are told where', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching(owner)
  const before = await pid(rig)
  await rig.gateway.moveMedia({ port: rig.udpPort, bindAddress: '127.0.0.2' })
  assert.notEqual(await pid(rig), before)
  await watchesOn(receiver)
  const told = receiver.messages.flatMap((one) => (one.type === 'candidate' ? [one.candidate] : []))
  assert.match(told.at(-1) ?? '', new RegExp(` 127\\.0\\.0\\.2 ${rig.udpPort} `))
  assert.deepEqual([...rig.gateway.viewerProcess.ends], [], 'that is no fault')
  await rig.gateway.moveMedia({ port: rig.udpPort, bindAddress: '127.0.0.1' })
  await watchesOn(receiver)
})

test('after a crash half of those who were there are served another way for a while, since one of them may have done it', async (t) => {
  const rig = await openGatewayRig(t)
  const receivers = await Promise.all([rig.watching(owner), rig.watching(viewer)])
  process.kill(await pid(rig), 'SIGSEGV')
  await Promise.all(receivers.map((receiver) => receiver.until(isLost, 'the loss')))
  assert.deepEqual([...rig.gateway.viewerProcess.ends], [['crashed', 1]])
  const pictures = receivers.map(({ counts }) => counts.pictures)
  const isBack = ({ counts }: RtcReceiver, index: number) => counts.pictures > (pictures[index] ?? 0)
  const isRefused = ({ messages }: RtcReceiver) =>
    messages.some((one) => one.type === 'offer-refused' && one.code === 'suspected')
  for (const [index, receiver] of receivers.entries()) {
    receiver.offer()
    await receiver.until(() => isBack(receiver, index) || isRefused(receiver), 'pictures or a refusal')
  }
  assert.equal(receivers.filter(isBack).length, 1)
  assert.equal(receivers.filter(isRefused).length, 1)
})

test('an offer that comes while there is no process is answered by the next one', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = rig.receiver()
  await receiver.message('ready')
  process.kill(await pid(rig), 'SIGKILL')
  receiver.offer()
  await receiver.until(({ counts }) => counts.pictures > 0, 'a picture')
  assert.equal(isLost(receiver), false)
})

test('a description of sources that never ends costs its sender the connection, then the session, and others nothing', async (t) => {
  const rig = await openGatewayRig(t)
  const bystander = await rig.watching()
  const before = await pid(rig)
  const eve = await rig.watching(viewer)
  eve.rawControl(endlessDescription)
  await watchesOn(eve)
  assert.deepEqual(
    rig.observed('fault').map(({ code }) => code),
    ['malformed-control'],
  )
  eve.rawControl(endlessDescription)
  await eve.until(({ closeCode }) => closeCode !== undefined, 'the end')
  assert.equal(eve.closeCode, 4401)
  assert.equal(eve.messages.findLast((one) => one.type === 'error')?.code, 'shut-out')
  const causes = rig.events.flatMap((event) => (event.type === 'StopStream' ? [event.cause] : []))
  assert.deepEqual(causes, ['shut-out'])
  const again = rig.receiver(viewer)
  assert.equal((await again.message('error')).code, 'shut-out')
  await again.until(({ closeCode }) => closeCode !== undefined, 'being turned away')
  const { pictures, keyPictures } = bystander.counts
  await bystander.until(({ counts }) => counts.pictures > pictures + 30, 'pictures')
  assert.equal(bystander.counts.keyPictures, keyPictures)
  assert.equal(await pid(rig), before)
  assert.equal(rig.gateway.viewerProcess.shutOut, 1)
})

test('an owner is never shut out of the own host, only served another way', async (t) => {
  const rig = await openGatewayRig(t)
  const receiver = await rig.watching(owner)
  receiver.rawControl(endlessDescription)
  await watchesOn(receiver)
  receiver.rawControl(endlessDescription)
  await receiver.until(({ messages }) => messages.filter(({ type }) => type === 'error').length >= 2, 'the loss')
  assert.equal(receiver.closeCode, undefined)
  receiver.offer()
  assert.equal((await receiver.message('offer-refused')).code, 'shut-out')
})

test('the process that was to be ended in order leaves no viewer and no port behind', async (t) => {
  const rig = await openGatewayRig(t)
  await rig.watching()
  const before = await pid(rig)
  await rig.gateway.close()
  assert.throws(() => process.kill(before, 0), { code: 'ESRCH' })
})

test('viewers are spread over the viewer processes, and the end of one is nothing to those of another', async (t) => {
  const rig = await openGatewayRig(t, { viewerProcesses: 2 })
  const { processes } = rig.gateway.viewerProcess
  const [first, second] = [await rig.watching(owner), await rig.watching({ ...owner, id: 'second' })]
  assert.deepEqual(
    processes.map(({ viewers }) => viewers),
    [1, 1],
  )
  const [one, other] = processes.map(({ pid: its }) => its.value)
  assert.ok(one !== undefined && other !== undefined && one !== other)
  process.kill(one, 'SIGKILL')
  await watchesOn(first)
  const { pictures } = second.counts
  await second.until(({ counts }) => counts.pictures > pictures + 5, 'pictures that go on')
  assert.equal(isLost(second), false)
  assert.equal(processes[1]?.pid.value, other)
  assert.deepEqual([...rig.gateway.viewerProcess.ends], [['killed', 1]])
})
