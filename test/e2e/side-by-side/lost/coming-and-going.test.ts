import assert from 'node:assert/strict'
import * as v from 'valibot'
import { session } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'
import { untilByPath } from '../../../support/udp-block.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('what is said while the network is cut arrives once, and the page shows all of it', async (t) => {
  const writer = await scene.sit()
  await writer.stepInto('Terminal')
  const reader = await scene.sit({ link: (await house.invite(terminal.id, 'player')).link })
  await reader.untilLive()
  const { page } = writer
  await writer.useTool('Statistics')
  await writer.openChat()
  await say(writer, 'before')
  await reader.page.getByRole('button', { name: 'before' }).click()
  await page.getByRole('button', { name: 'Cut my network for 5 s' }).click()
  await page.locator('.bar [data-state="connected"] .orange').waitFor({ state: 'attached' })
  await untilByPath(page, 'interrupted')
  assert.ok((await brightestOfStill(writer)) > 100, 'the last picture stands while nothing comes')
  await page.locator('.bar [data-state="reconnecting"] .orange').waitFor({ state: 'attached' })
  assert.ok((await brightestOfStill(writer)) > 100, 'the last picture stays')
  await say(writer, 'meanwhile')
  await say(writer, 'and more')
  await page.locator('.overlay').getByText('2 texts wait').waitFor()
  assert.equal(await page.getByText('Waits for the connection').count(), 2)
  await say(reader, 'heard nothing yet')
  await page.locator('.bar [data-state="connected"] .green').waitFor({ state: 'attached' })
  await page.getByText('Same session, same place, same seat').waitFor()
  await reader.page.getByText('and more').waitFor()
  await page.locator('.connection').getByText('nothing').waitFor()
  const [told, heard] = [await texts(writer), await texts(reader)]
  assert.deepEqual(told, heard)
  assert.deepEqual(told, ['before', 'heard nothing yet', 'meanwhile', 'and more'])
  t.diagnostic(`journal: ${(await page.locator('.journal').innerText()).replaceAll(/\s+/g, ' ')}`)
  assert.deepEqual([writer.complaints, reader.complaints], [[], []])
})

terminal.test('what waits when a page is loaded again is said by the page that comes', async () => {
  const writer = await scene.sit()
  await writer.stepInto('Terminal')
  await writer.useTool('Statistics')
  await writer.openChat()
  const [before] = await sessions()
  await writer.page.getByRole('button', { name: 'Cut my network for 5 s' }).click()
  await say(writer, 'said by another page')
  await writer.page.reload()
  await writer.untilLive()
  await writer.openChat()
  await writer.page.locator('.chat-text:not(.waiting)').getByText('said by another page').waitFor()
  assert.equal((await texts(writer)).filter((text) => text === 'said by another page').length, 1)
  assert.deepEqual(await sessions(), [before], 'and the session is the same')
})

terminal.test(
  'a link goes on on another device: the same session with its seat, and the first one is told',
  async () => {
    const first = await scene.sit({ link: (await house.invite(terminal.id, 'player')).link })
    await first.untilLive()
    await first.takeControl({ x: 0.5, y: 0.5 })
    await first.enter('clear; echo first > device')
    await terminal.machine.textOf('terminal', 'device')
    const [before] = await sessions()
    await first.page.keyboard.press('Control+Alt+Shift+Q')
    await first.useTool('Settings')
    await first.page.getByRole('button', { name: 'Continue on another device' }).click()
    await first.page.getByRole('img', { name: 'QR code' }).waitFor()
    const link = await first.page.locator('.copy-field code').innerText()
    const second = await scene.sit({ link })
    await second.untilLive()
    assert.ok(!second.page.url().includes('handover'), 'nothing secret stays in the address')
    await first.page.getByText('You go on elsewhere').waitFor()
    assert.deepEqual(await sessions(), [before])
    await second.takeControl({ x: 0.5, y: 0.5 })
    await second.enter('echo second >> device')
    await terminal.machine.textOf('terminal', 'device', (text) => text === 'first\nsecond\n')

    const third = await scene.sit({ link })
    await third.page.getByText('Make another one on your other device').waitFor()
    await second.page.reload()
    await second.untilLive()
    assert.deepEqual(await sessions(), [before], 'the second device has a token of its own')
    const secrets = new URLSearchParams(new URL(link).hash.slice(1))
    for (const secret of [secrets.get('handover'), secrets.get('session')?.split('.')[1]]) {
      assert.ok(secret && !house.log.includes(secret) && !house.output.includes(secret))
    }
  },
)

/** The brightest channel of the picture that lies over the video: 0 when it is black, or there is none. */
function brightestOfStill({ page }: ViewerPage): Promise<number> {
  return page.evaluate<number>(`{
    const still = document.querySelector('canvas.still')
    const pixels = still.width > 0 ? still.getContext('2d').getImageData(0, 0, still.width, still.height).data : []
    pixels.reduce((brightest, value, index) => (index % 4 < 3 ? Math.max(brightest, value) : brightest), 0)
  }`)
}

async function say({ page }: ViewerPage, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Say something' }).fill(text)
  await page.keyboard.press('Enter')
}

async function texts({ page }: ViewerPage): Promise<string[]> {
  return eventually(
    () => page.locator('.chat-text:not(.waiting) p').allInnerTexts(),
    (found) => found.length > 0,
    { what: 'what was said' },
  )
}

async function sessions(): Promise<readonly string[]> {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json()).map(({ id }) => id)
}
