import assert from 'node:assert/strict'
import { join } from 'node:path'
import { ManualClock } from '../../../../src/kernel/manual-clock.ts'
import { openDataDirectory } from '../../../../src/server/files/data-directory.ts'
import { signalCloseCode } from '../../../../src/wire/signal/messages.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'
import { RtcReceiver } from '../../../support/rtc-receiver.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('a viewer sees the app and cannot touch it', async () => {
  await using x = await terminal.machine.connect()
  const pointer = () => x.ask<{ rootX: number; rootY: number }>((answer) => x.client.QueryPointer(x.root, answer))
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const guest = await scene.sit({ link: await owner.share('May watch') })
  await guest.untilLive()
  await guest.page.getByText('View only').waitFor()

  const before = await pointer()
  await guest.page.mouse.click(200, 600)
  await guest.page.keyboard.type('touch typed')
  await guest.page.keyboard.press('Enter')

  // A page that does not keep to it, of somebody who is as welcome.
  const { token } = await house.invite(terminal.id, 'viewer')
  await using rogue = await watch(token)
  rogue.input({ type: 'pointer', x: 0.9, y: 0.9 })
  rogue.input({ type: 'text', text: 'touch typed\n' })
  const refusal = await rogue.message('error')
  assert.equal(refusal.code, 'input-forbidden')

  // What the owner does afterwards has arrived: so had what was done before, if it ever would.
  await owner.takeControl({ x: 0.3, y: 0.3 })
  await owner.enter('ls > listed')
  const listed = await terminal.machine.textOf('terminal', 'listed', (text) => text !== '')
  assert.doesNotMatch(listed, /typed/)
  const { rootX, rootY } = await pointer()
  assert.deepEqual([rootX, rootY], [384, 216], `only the owner has moved the pointer from ${before.rootX}`)
})

terminal.test('whoever came by a link is out at once when it is revoked', async (t) => {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const link = await owner.share('May play')
  const guest = await scene.sit({ link })
  await guest.untilLive()

  // Somebody with the same link whose program would not leave by itself.
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('invite') ?? ''
  await using rogue = await watch(token)

  await owner.useTool('Share')
  const revokedMs = performance.now()
  await owner.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).first().click()
  await guest.page.getByRole('heading', { name: 'This link was taken back' }).waitFor({ timeout: 5000 })
  t.diagnostic(`out after ${Math.round(performance.now() - revokedMs)} ms`)
  assert.equal(await guest.page.locator('video').count(), 0, 'nothing is to be seen any more')
  await rogue.until(({ closeCode }) => closeCode === signalCloseCode.revoked, 'the end of the one who stayed')
  await eventually(
    () => house.metric('porchlight_viewers'),
    (viewers) => viewers === 1,
    { what: 'one viewer less' },
  )
  await guest.page.goto('about:blank')
  await guest.page.goto(link)
  await guest.page.getByRole('heading', { name: 'This link was taken back' }).waitFor()
})

terminal.test('without a link that works the page says how to get one', async () => {
  const origin = new URL(house.link).origin
  const stranger = await scene.sit({ link: `${origin}/` })
  await stranger.page.getByRole('heading', { name: 'You need a link to come in' }).waitFor()
  await stranger.page.getByText('npm start -- --new-owner-link').waitFor()

  for (const token of ['x'.repeat(43), expiredToken(terminal.id)]) {
    const late = await scene.sit({ link: `${origin}/#token=${token}` })
    await late.page.getByRole('heading', { name: 'This link no longer works' }).waitFor()
    await late.page.getByText('npm start -- --new-owner-link').waitFor()
    assert.ok(!late.page.url().includes(token))
    const { browser, tab } = await late.storage()
    assert.deepEqual(
      [...browser, ...tab].filter(([, value]) => value.includes(token)),
      [],
    )
  }
})

/** A program that watches and may try what a page would not. */
async function watch(token: string): Promise<RtcReceiver> {
  const receiver = new RtcReceiver({ url: house.signallingUrl, token, lobbyId: terminal.id })
  await receiver.message('ready')
  receiver.offer()
  await receiver.until(({ counts, inputOpen }) => counts.pictures > 0 && inputOpen, 'a picture and data channels')
  return receiver
}

/** The token of an invitation that was good for a minute, an hour ago. */
function expiredToken(lobbyId: string): string {
  using store = openDataDirectory(join(house.directory, 'data'), new ManualClock(Date.now() - 3600_000), 'refuse')
  return store.invitations.create({ lobbyId, role: 'player', expiresInMs: 60_000 }).token
}
