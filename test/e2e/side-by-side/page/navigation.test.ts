import assert from 'node:assert/strict'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'

const { house } = scene
const lobby = scene.lobby('test-pattern', 'Test pattern', { settings: { width: 640, height: 368 } })

lobby.test('the keyboard leads through all sections, and back goes back', async () => {
  const { page, complaints } = await scene.sit()
  await page.getByRole('heading', { name: 'The light is on' }).waitFor()
  const current = page.getByRole('navigation', { name: 'Sections' }).locator('[aria-current=page]')
  for (const [index, title] of ['Party', 'Apps', 'Sessions', 'Settings'].entries()) {
    await page.getByRole('link', { name: 'Skip the navigation' }).focus()
    for (let tabs = 0; tabs < index + 2; tabs++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    await eventually(
      () => page.title(),
      (now) => now === `${title} · Porchlight`,
      { what: `the title of ${title}` },
    )
    assert.equal(await current.innerText(), title)
    assert.equal(await page.locator('main:focus').count(), 1, 'the keyboard goes on in the section')
  }
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor()
  assert.deepEqual(complaints, [])
})

lobby.test('a guest is led to what a guest may see, whatever the address says', async () => {
  const { link } = await house.invite(lobby.id, 'viewer')
  const guest = await scene.sit({ link })
  const { page, complaints } = guest
  await guest.untilLive()
  await guest.useTool('Leave')
  await page.getByRole('heading', { name: 'The light is on' }).waitFor()
  const ways = page.getByRole('navigation', { name: 'Sections' }).getByRole('link')
  assert.deepEqual(await ways.allInnerTexts(), ['Lobbies', 'Settings'])
  await page.goto(`${new URL(link).origin}/#sessions`)
  await page.getByRole('heading', { name: 'The light is on' }).waitFor()
  assert.deepEqual(complaints, [])
})

lobby.test('an owner sees who is here, and can end a session', async () => {
  const guest = await scene.sit({ link: (await house.invite(lobby.id, 'player')).link })
  await guest.untilLive()
  const { page, complaints } = await scene.sit()
  await page.getByRole('link', { name: 'Sessions' }).click()
  const here = page.getByRole('region', { name: 'Here now' }).getByRole('listitem')
  assert.match(await here.innerText(), /in Test pattern/)
  await here.getByRole('link').click()
  const stay = page.getByRole('region', { name: /^Stay of/ })
  await stay.getByText('is here').waitFor()
  await stay.getByText(/events$/).click()
  await stay.getByText('Went into Test pattern').waitFor()
  await page.getByRole('link', { name: 'All sessions' }).click()
  await here.getByRole('button', { name: /^End the session of/ }).click()
  await here.waitFor({ state: 'detached' })
  await guest.page.locator('.viewer [data-state="failed"]').first().waitFor({ state: 'attached' })
  const stays = page.getByRole('region', { name: 'All stays' })
  await stays.getByRole('listitem').filter({ hasText: 'was ended' }).getByRole('link').click()
  await page
    .getByRole('region', { name: /^Stay of/ })
    .getByText('was ended')
    .first()
    .waitFor()
  assert.deepEqual(complaints, [])
})

lobby.test('who chooses a dark page has a dark page, also when it is loaded again', async () => {
  const { page, complaints } = await scene.sit({ screen: { colorScheme: 'light' } })
  await page.getByRole('heading', { name: 'The light is on' }).waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const light = await ground()
  await page.getByText('Dark', { exact: true }).click()
  const dark = await ground()
  assert.notEqual(dark, light)
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  assert.equal(await ground(), dark)
  await page.getByText('As the device', { exact: true }).click()
  assert.equal(await ground(), light)
  assert.deepEqual(complaints, [])
})
