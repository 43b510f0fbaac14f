import assert from 'node:assert/strict'
import * as v from 'valibot'
import { endedLobby, lobby, lobbyOutput } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { processesOfLobby } from '../../../support/processes-of.ts'
import { scene } from './scene.ts'

async function outputOf(lobbyId: string): Promise<readonly string[]> {
  const { lines } = v.parse(lobbyOutput, (await scene.house.api('GET', `lobbies/${lobbyId}/output`)).json())
  return lines.map(({ text }) => text)
}

scene.test('the owner sees in the page what an app prints, and after its end why it ended', async () => {
  const running = await scene.house.openLobby('talker', 'Talker')
  const viewer = await scene.sit()
  const { page } = viewer
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'What Talker prints' }).click()
  await dialog.getByText('hello from the app').waitFor()
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/output-wall.png` })
  await page.keyboard.press('Escape')
  await viewer.stepInto('Talker')

  const terminal = (await processesOfLobby(running.id)).find(({ commandLine }) => commandLine.startsWith('xterm'))
  process.kill(terminal?.pid ?? 0, 'SIGTERM')
  await page.locator('.caption').getByText('has ended').waitFor()
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/output-ended.png` })
  await page.locator('.caption').getByRole('button', { name: 'Output' }).click()
  await dialog.getByText('it broke', { exact: true }).waitFor()
  await dialog.getByText('Talker has ended: sh exited with code 3').waitFor()
  if (process.env['PICTURES']) await page.screenshot({ path: `${process.env['PICTURES']}/output-viewer.png` })
  await page.keyboard.press('Escape')
  await page.locator('.caption').getByRole('button', { name: 'Back to the lobbies' }).click()
  await page.getByRole('heading', { name: 'Ended lately' }).waitFor()
  if (process.env['PICTURES'])
    await page.screenshot({ path: `${process.env['PICTURES']}/output-list.png`, fullPage: true })
  await page.getByRole('button', { name: 'Output of Talker' }).click()
  await dialog.getByText('hello from the app').waitFor()
  assert.deepEqual(viewer.complaints, [])
})

scene.test('an app that crashes again and again is started again, and given up with the reason', async () => {
  const answer = await scene.house.api('POST', 'lobbies', { body: { appId: 'kiosk' } })
  const { id } = v.parse(lobby, answer.json())
  const ended = await eventually(
    async () => v.parse(v.array(endedLobby), (await scene.house.api('GET', 'ended-lobbies')).json()),
    (lobbies) => lobbies.some((each) => each.id === id),
    { what: 'the end of a lobby that crashes', withinMs: 180_000 },
  )
  assert.match(
    ended[0]?.reason ?? '',
    /^Kiosk has ended: sh exited with code 4; .* It has ended 6 times in a row, each time within a minute/,
  )
  const printed = (await outputOf(id)).filter((text) => text === 'run')
  assert.equal(printed.length, 6)
})
