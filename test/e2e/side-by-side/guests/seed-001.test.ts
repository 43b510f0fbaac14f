import assert from 'node:assert/strict'
import * as v from 'valibot'
import { session, type SessionView } from '../../../../src/wire/api/resources.ts'
import { openChromium } from '../../../support/chromium.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

/**
 * The scenarios of seed 001's table with real browsers, but for the one that takes its time (silence.test.ts); its
 * invariants are shown to the event in src/host/seed-001.test.ts. Each browser that goes is a process of its own, which is
 * killed.
 */
const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('session in lobby, another joins the same lobby: both see it independently', async () => {
  const [ada, bob] = [await scene.sit(), await scene.sit()]
  await ada.stepInto('Terminal')
  await bob.stepInto('Terminal')
  await ada.takeControl()
  await draw(ada, 'seq 1 9')
  assert.equal(await ada.stillPicture(), await bob.stillPicture())
  await ada.leave()
  assert.notEqual(await bob.stillPicture(), '')
})

terminal.test(
  'session disconnects while in lobby: it is destroyed, the lobby and the other session go on',
  async () => {
    const stays = await scene.sit()
    await stays.stepInto('Terminal')
    await using doomed = await openChromium()
    const before = await sessions()
    const goes = await scene.sit({ browser: doomed.browser })
    await goes.stepInto('Terminal')
    const lost = await newSession(before)
    await doomed.kill()
    await untilEnded(lost)
    assert.equal((await house.firstLobby()).id, terminal.id)
    await stays.takeControl()
    const seen = await stays.stillPicture()
    await draw(stays, 'seq 100 130')
    assert.notEqual(await stays.stillPicture(), seen)
  },
)

terminal.test('session disconnects while showing the test pattern: it is destroyed completely', async () => {
  const short = await house.openLobby('terminal', 'Short')
  await using doomed = await openChromium()
  const before = await sessions()
  const viewer = await scene.sit({ browser: doomed.browser })
  await viewer.stepInto('Short')
  const lost = await newSession(before)
  await house.api('DELETE', `lobbies/${short.id}`)
  assert.match(await viewer.waitingRoomReason(), /has ended/)
  await doomed.kill()
  await untilEnded(lost)
})

terminal.test('user reconnects after a disconnect: a new session finds the lobby as it was', async () => {
  await using doomed = await openChromium()
  const before = await sessions()
  const first = await scene.sit({ browser: doomed.browser })
  await first.stepInto('Terminal')
  await first.takeControl()
  await draw(first, 'seq 7 15')
  const left = await first.stillPicture()
  const lost = await newSession(before)
  await doomed.kill()
  await untilEnded(lost)
  const second = await scene.sit()
  await second.stepInto('Terminal')
  assert.equal(await second.stillPicture(), left)
  assert.notEqual((await newSession(before)).id, lost.id)
})

/** Prints something, and waits until the terminal has done it. */
async function draw(viewer: ViewerPage, command: string): Promise<void> {
  await viewer.enter(`clear; ${command}; echo ${command} > drawn`)
  await terminal.machine.textOf('terminal', 'drawn', (text) => text.trim() === command)
}

async function sessions(): Promise<readonly SessionView[]> {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json())
}

/** The session in the lobby that was not there before. */
async function newSession(before: readonly SessionView[]): Promise<SessionView> {
  const known = new Set(before.map(({ id }) => id))
  const find = async () => (await sessions()).find(({ id }) => !known.has(id))
  return (await eventually(find, (found) => found !== undefined, { what: 'a new session' })) ?? assert.fail()
}

async function untilEnded({ id }: SessionView): Promise<void> {
  const isOver = (now: readonly SessionView[]) => now.every((one) => one.id !== id)
  await eventually(sessions, isOver, { what: `the end of session ${id}`, withinMs: 20_000 })
}
