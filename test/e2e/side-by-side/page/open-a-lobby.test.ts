import assert from 'node:assert/strict'
import { scene } from './scene.ts'

const { house } = scene
const desktop = scene.lobby('desktop', 'Desktop')

/** Places where the wallpaper is seen and no window. */
const wallpaper = { x: 0.95, y: 0.2 }

desktop.test('the printed link shows the wall, and one click the live desktop', async (t) => {
  const viewer = await scene.sit()
  await viewer.page.getByRole('heading', { name: 'The light is on' }).waitFor()
  assert.equal(new URL(viewer.page.url()).hash, '', 'the token has left the address')
  await viewer.stepInto('Desktop')
  t.diagnostic(`from the click to the first picture: ${await viewer.joinMs()} ms`)

  await desktop.machine.paint('#c84028')
  await viewer.untilColour(wallpaper, [0xc8, 0x40, 0x28])
  await desktop.machine.paint('#2060d0')
  await viewer.untilColour(wallpaper, [0x20, 0x60, 0xd0])
  assert.deepEqual(viewer.complaints, [])
})

desktop.test('the token is in no address, log or cookie, and stored where the page says', async () => {
  const viewer = await scene.sit()
  await viewer.stepInto('Desktop')
  const { page } = viewer
  const token = house.ownerToken
  assert.equal(new URL(page.url()).hash, `#lobby=${desktop.id}`)
  await page.goBack()
  assert.ok(!page.url().includes(token), 'the token is not in the history')
  assert.deepEqual(
    viewer.addresses.filter((address) => address.includes(token)),
    [],
  )
  assert.ok(
    viewer.addresses.some((address) => address.startsWith('ws:')),
    'WebSockets are looked at too',
  )
  assert.ok(!house.log.includes(token))
  assert.equal(house.output.split(token).length - 1, 1, 'it is printed once')
  const kept = await viewer.storage()
  assert.deepEqual(
    kept.browser.filter(([, value]) => value.includes(token)),
    [['porchlight.owner-token', token]],
  )
  assert.deepEqual(
    kept.tab.filter(([, value]) => value.includes(token)),
    [['porchlight.token', token]],
  )
  assert.deepEqual(await page.context().cookies(), [])

  const { link, token: guestToken } = await house.invite(desktop.id, 'viewer')
  const guest = await scene.sit({ link })
  await guest.untilLive()
  assert.equal(new URL(guest.page.url()).hash, `#lobby=${desktop.id}`)
  const { browser, tab } = await guest.storage()
  const personal = tab.find(([name]) => name === 'porchlight.token')?.[1] ?? ''
  assert.notEqual(personal, guestToken, 'a guest has a token of their own')
  for (const secret of [guestToken, personal]) {
    assert.deepEqual(
      guest.addresses.filter((address) => address.includes(secret)),
      [],
    )
    assert.ok(!house.log.includes(secret))
  }
  assert.deepEqual(
    [...browser, ...tab].filter(([, value]) => value.includes(guestToken)),
    [],
    'the link is of no use any more',
  )
  assert.deepEqual(
    browser.filter(([, value]) => value.includes(personal)).map(([name]) => name),
    ['porchlight.guests'],
    'a guest who comes back is the same one',
  )
})
