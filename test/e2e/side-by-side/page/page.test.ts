import { scene } from './scene.ts'
import { lookAround } from '../../../support/look-around.ts'

const { house } = scene
const desktop = scene.lobby('desktop', 'Desktop')

const screens = [
  { name: 'a desktop by day', viewport: { width: 1280, height: 720 }, colorScheme: 'light' },
  { name: 'a phone at night', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const

for (const { name, ...screen } of screens) {
  desktop.test(`every view is there without a complaint, and can be named, on ${name}`, async () => {
    const viewer = await scene.sit({ screen })
    const { page } = viewer
    await page.getByRole('heading', { name: 'The light is on' }).waitFor()
    await lookAround(viewer, 'the wall')
    await viewer.stepInto('Desktop')
    await lookAround(viewer, 'the app')
    await viewer.useTool('Settings')
    await page.getByText('Keyboard layout of the app').waitFor()
    await lookAround(viewer, 'the settings')
    await viewer.useTool('Settings')
    await viewer.useTool('Statistics')
    await page.getByRole('complementary', { name: 'Statistics' }).waitFor()
    await lookAround(viewer, 'the statistics')
    await viewer.useTool('Statistics')
    await viewer.useTool('Share')
    await page.getByRole('dialog').getByRole('button', { name: 'Create a link' }).click()
    await page.getByRole('dialog').locator('.copy-field code').waitFor()
    await lookAround(viewer, 'the share dialog')

    const stranger = await scene.sit({ link: new URL(house.link).origin, screen })
    await stranger.page.getByRole('heading', { name: 'You need a link to come in' }).waitFor()
    await lookAround(stranger, 'the sign-in page')
  })
}
