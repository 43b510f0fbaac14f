import assert from 'node:assert/strict'
import { findFaults } from '../../../support/find-faults.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

/** Looks at what is shown in both colour schemes, to which a page keeps without being loaded again. */
async function check({ page }: ViewerPage, where: string): Promise<void> {
  for (const [colorScheme, rules] of [
    ['dark', 'all'],
    ['light', 'of colours'],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await findFaults(page, rules), [], `${where}, ${colorScheme}`)
  }
}

const screens = [
  { name: 'a desktop', viewport: { width: 1280, height: 800 } },
  { name: 'a phone', viewport: { width: 390, height: 844 } },
] as const

for (const { name, ...screen } of screens) {
  terminal.test(`axe finds no grave fault in any section, on ${name}`, async () => {
    const owner = await scene.sit({ screen })
    const { page } = owner
    await page.getByRole('heading', { name: 'The light is on' }).waitFor()
    await page.locator('img.house-picture').first().waitFor()
    await check(owner, 'the wall')
    await page.getByRole('button', { name: 'Stop Terminal' }).click()
    await page.getByRole('dialog').waitFor()
    await check(owner, 'the question before a lobby is stopped')
    await page.keyboard.press('Escape')
    for (const section of ['Apps', 'Sessions', 'Settings']) {
      await page.getByRole('link', { name: section, exact: true }).click()
      await page.getByRole('heading', { level: 1, name: section }).waitFor()
      await check(owner, section)
    }
  })

  terminal.test(`axe finds no grave fault in a lobby, on ${name}`, async () => {
    const owner = await scene.sit({ screen })
    const { page } = owner
    await owner.stepInto('Terminal')
    await check(owner, 'the viewer')
    await owner.useTool('Settings')
    await page.getByText('Keyboard layout of the app').waitFor()
    await check(owner, 'its settings')
    await owner.useTool('Settings')
    await owner.useTool('Statistics')
    await page.getByRole('complementary', { name: 'Statistics' }).waitFor()
    await check(owner, 'its statistics')
    await owner.useTool('Statistics')
    await owner.useTool('Share')
    await page.getByRole('dialog').getByRole('button', { name: 'Create a link' }).click()
    await page.getByRole('dialog').locator('.copy-field code').waitFor()
    await check(owner, 'the share dialog')
    const sessionId = await house.api('GET', 'records?limit=1')
    const [record] = (sessionId.json() as { records: { sessionId: string }[] }).records
    await page.goto(`${new URL(house.link).origin}/#sessions=${record?.sessionId}`)
    await page
      .getByText(/events$/)
      .first()
      .click()
    await check(owner, 'the timeline of a session')
  })

  terminal.test(`axe finds no grave fault at the door, on ${name}`, async () => {
    const origin = new URL(house.link).origin
    const stranger = await scene.sit({ link: origin, screen })
    await stranger.page.getByRole('heading', { name: 'You need a link to come in' }).waitFor()
    await check(stranger, 'the sign-in page')
    const guest = await scene.sit({ link: (await house.invite(terminal.id, 'viewer')).link, screen })
    await guest.page.getByRole('heading', { level: 1 }).first().waitFor()
    await check(guest, 'what a guest comes to')
  })
}

terminal.test('axe finds no grave fault in a house where nothing runs', async () => {
  await house.api('DELETE', `lobbies/${terminal.id}`)
  const owner = await scene.sit()
  await owner.page.getByRole('heading', { name: 'The house is dark' }).waitFor()
  await check(owner, 'the empty wall')
})
