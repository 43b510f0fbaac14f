import assert from 'node:assert/strict'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Locator } from 'playwright-core'
import * as v from 'valibot'
import { privateAddresses } from '../../../../src/server/network/private-addresses.ts'
import { hostInfo, lobby, member, session as sessionView } from '../../../../src/wire/api/resources.ts'
import { scene } from './scene.ts'
import { untilByPath } from '../../../support/udp-block.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('a guest gives name and PIN once, is known afterwards in every tab, and takes one use', async () => {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const { link, pin } = await share(owner, { uses: '1', pin: 'Make one up' })
  assert.match(pin, /^\d{6}$/)

  const ada = await scene.sit({ link })
  const { page } = ada
  assert.ok(!page.url().includes('invite='), 'the link has left the address')
  await page.getByLabel('Your name').fill('Ada')
  const wrong = pin === '402871' ? '402872' : '402871'
  await page.getByLabel('PIN').fill(wrong)
  await page.getByRole('button', { name: 'Come in' }).click()
  await page.getByText('That PIN is wrong. You have 9 tries left.').waitFor()
  // Loaded again, the page is still at the door.
  await page.reload()
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('PIN').fill(pin)
  await page.keyboard.press('Enter')
  await ada.untilLive()
  await page.reload()
  await ada.untilLive()
  for (const address of [link, new URL(`#lobby=${terminal.id}`, house.link).href]) {
    const tab = await page.context().newPage()
    await tab.goto(address)
    await tab.getByText('View only').waitFor()
    await tab.close()
  }

  const late = await scene.sit({ link })
  await late.page.getByRole('heading', { name: 'This link has been used' }).waitFor()

  const dialog = await openDialog(owner)
  await dialog.getByText('Ada').waitFor()
  await dialog.getByText('is here').waitFor()
  await dialog.getByText('used, made').waitFor()
  for (const secret of [pin, wrong]) assert.ok(!house.log.includes(secret) && !ada.addresses.join().includes(secret))
})

terminal.test('a guest may play when the owner lets them, while they watch, and is shown out alone', async () => {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const { link } = await share(owner, {})
  const [bob, eve] = [await enter(link, 'Bob'), await enter(link, 'Eve')]
  await bob.page.getByText('View only').waitFor()

  // Whoever types in vain is told why, and the owner answers with one click, wherever they are.
  const { x, y } = await bob.locate({ x: 0.5, y: 0.5 })
  const vainly = [() => eve.page.keyboard.type('x'), () => bob.page.mouse.click(x, y)] as const
  for (const [index, { page }] of [eve, bob].entries()) {
    await vainly[index]?.()
    await page.getByText('You may only watch here').waitFor()
    await page.locator('.notices').getByRole('button', { name: 'Ask to play' }).click()
  }
  await owner.page.getByRole('alert').filter({ hasText: 'Eve asks' }).getByRole('button', { name: 'Not now' }).click()
  await eve.page.getByText('The owner has said: not now').waitFor()
  await owner.useTool('Leave')
  await owner.page.getByText('Bob asks to play in Terminal').waitFor()
  await owner.page.getByRole('button', { name: 'Let play' }).click()
  await bob.page.getByText('You can play from now on').waitFor()
  await bob.page.getByText('View only').waitFor({ state: 'detached' })
  await bob.takeControl()

  await owner.stepInto('Terminal')
  const dialog = await openDialog(owner)
  await dialog.getByRole('button', { name: 'Plays: let Bob only watch' }).click()
  await bob.page.getByText('You can only watch from now on').waitFor()
  await bob.page.getByText('View only').waitFor()

  await dialog.getByRole('button', { name: 'Show out Bob' }).click()
  await bob.page.getByRole('heading', { name: 'You were shown out' }).waitFor()
  await bob.page.goto('about:blank')
  await bob.page.goto(link)
  await bob.page.getByRole('button', { name: 'Come in' }).click()
  await bob.page.getByRole('heading', { name: 'You were shown out' }).waitFor()
  await eve.page.getByText('View only').waitFor()
  await dialog.getByRole('button', { name: 'Show out Eve' }).waitFor()
})

terminal.test('the owner closes a lobby again to a guest who was let in beside their link', async () => {
  const opened = await house.api('POST', 'lobbies', { body: { appId: 'terminal', title: 'Second' } })
  const { id } = v.parse(lobby, opened.json())
  const { token } = await house.invite(terminal.id, 'player')
  const claim = 'c'.repeat(43)
  await house.api('POST', 'invitations/redeem', { token, body: { claim, name: 'Mia' } })
  const mia = async () => {
    const members = v.parse(v.array(member), (await house.api('GET', 'members')).json())
    return members.find(({ name }) => name === 'Mia')
  }
  const before = await mia()
  assert.ok(before)
  await house.api('PATCH', `members/${before.id}`, { body: { lobbyIds: [id] } })
  assert.deepEqual((await mia())?.lobbyIds, [terminal.id, id])

  const { page } = await scene.sit()
  await page.getByRole('link', { name: 'Sessions', exact: true }).click()
  await page.getByRole('button', { name: 'Close Second to Mia' }).click()
  await page.getByText('Let in beside their link').waitFor({ state: 'detached' })
  assert.deepEqual((await mia())?.lobbyIds, [terminal.id])
  await house.api('DELETE', `lobbies/${id}`)
})

terminal.test('ten wrong PINs destroy a link, and the page says what to do', async () => {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const { link } = await share(owner, { pin: 'My own', ownPin: '4028' })
  const mallory = await scene.sit({ link })
  for (let left = 9; left >= 0; left--) {
    await mallory.page.getByLabel('PIN').fill('5039')
    await mallory.page.getByRole('button', { name: 'Come in' }).click()
    if (left > 1) await mallory.page.getByText(`You have ${left} tries left`).waitFor()
    if (left === 1) await mallory.page.getByText('One more wrong try destroys the link').waitFor()
  }
  await mallory.page.getByRole('heading', { name: 'This link is gone' }).waitFor()
  await mallory.page.getByText('Ask whoever sent it for a new link').waitFor()
})

const outer = privateAddresses(networkInterfaces()).find(({ address }) => isIPv4(address))?.address

terminal.test(
  'the owner lets the network in from the dialog, links lead there at once, and out it is again',
  async (t) => {
    if (outer === undefined) return t.skip('this machine has no private address')
    const origin = `https://${outer}:${house.port}/`
    const owner = await scene.sit()
    await owner.stepInto('Terminal')
    const before = await share(owner, {})
    assert.ok(before.link.startsWith(`http://localhost:${house.port}/`))
    const dialog = await openDialog(owner)
    await dialog.getByText('Links lead to this computer only.').waitFor()
    await dialog.getByRole('button', { name: 'Let my network in …' }).click()
    const { certificate } = v.parse(hostInfo, (await house.api('GET', 'host')).json())
    const shown = await dialog.getByLabel('Let my network in').locator('.fingerprint').innerText()
    assert.equal(shown.replaceAll(/\s/g, ''), certificate?.fingerprint.replaceAll(':', ''))
    await dialog.getByText(origin, { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Let my network in', exact: true }).click()
    await dialog.getByText('Your network is let in until Porchlight ends.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await owner.untilLive()

    const { link } = await share(owner, {})
    assert.ok(link.startsWith(origin), link)
    const guest = await scene.sit({ link, screen: { ignoreHTTPSErrors: true } })
    await guest.untilLive()
    await untilByPath(guest.page, undefined)
    const sessions = v.parse(v.array(sessionView), (await house.api('GET', 'sessions')).json())
    const { text } = await house.api('GET', `records/${sessions.find(({ role }) => role === 'viewer')?.id}`)
    const addresses = privateAddresses(networkInterfaces()).map(({ address }) => `"host ${address}:${house.port}"`)
    assert.ok(
      addresses.some((local) => text.includes(local)),
      `media goes by an address on the network: ${text}`,
    )

    const again = await openDialog(owner)
    await again.getByRole('button', { name: 'Shut the network out' }).click()
    await again.getByText('Links lead to this computer only.').waitFor()
    await guest.page.getByText('The host cannot be reached.').waitFor()
    await assert.rejects(fetch(origin), (error: Error) => String(error.cause).includes('ECONNREFUSED'))
  },
)

async function openDialog(viewer: ViewerPage): Promise<Locator> {
  const { page } = viewer
  await viewer.useTool('Share')
  return page.getByRole('dialog')
}

/** Makes a link in the page's own dialog. */
async function share(owner: ViewerPage, options: { uses?: string; pin?: string; ownPin?: string }) {
  const dialog = await openDialog(owner)
  const { uses, pin, ownPin } = options
  if (uses) await dialog.getByRole('group', { name: 'How many people' }).getByText(uses, { exact: true }).click()
  if (pin) await dialog.getByText(pin, { exact: true }).click()
  if (ownPin) await dialog.getByLabel('Four to eight digits').fill(ownPin)
  await dialog.getByRole('button', { name: 'Create a link' }).click()
  const link = await dialog.locator('.copy-field code').innerText()
  const told = pin ? await dialog.locator('.new-link-pin output').innerText() : ''
  await dialog.getByRole('button', { name: 'Close' }).click()
  return { link, pin: told }
}

async function enter(link: string, name: string): Promise<ViewerPage> {
  const viewer = await scene.sit({ link: house.link.replace(/#.*/, '') })
  await viewer.page.goto(link)
  await viewer.page.getByLabel('Your name').fill(name)
  await viewer.page.getByRole('button', { name: 'Come in' }).click()
  await viewer.untilLive()
  return viewer
}
