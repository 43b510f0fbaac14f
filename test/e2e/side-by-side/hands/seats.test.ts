import assert from 'node:assert/strict'
import { eventually } from '../../../support/eventually.ts'
import { heldInDisplay } from '../../../support/held-in-display.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const terminal = scene.lobby('terminal', 'Terminal')

const notice = ({ page }: ViewerPage) => page.locator('.seat-notice')
const written = (name: string) => terminal.machine.textOf('terminal', name, (text) => text !== '')

/** The owner, who has just used keyboard and mouse, and a friend who may play. */
async function sitTogether(): Promise<{ owner: ViewerPage; friend: ViewerPage }> {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const friend = await scene.sit({ link: await owner.share('May play') })
  await friend.untilLive()
  await owner.takeControl({ x: 0.4, y: 0.4 })
  await friend.page.getByRole('button', { name: 'Keyboard and mouse: Owner' }).waitFor({ state: 'attached' })
  return { owner, friend }
}

terminal.test('whoever types without the seat is told whom to ask, and types when it is handed over', async () => {
  const { owner, friend } = await sitTogether()
  await friend.takeControl({ x: 0.5, y: 0.5 })
  await friend.enter('echo friend > typed-in-vain')
  await notice(friend).getByText('Owner has keyboard and mouse').waitFor()
  await notice(friend).getByRole('button', { name: 'Ask for it' }).click()
  await notice(owner).getByText('asks for keyboard and mouse').waitFor()
  await notice(owner).getByRole('button', { name: 'Hand over' }).click()
  await friend.page.getByRole('button', { name: 'Keyboard and mouse: You' }).waitFor({ state: 'attached' })
  await friend.enter('ls > handed-over')
  assert.doesNotMatch(await written('handed-over'), /typed-in-vain/)
})

terminal.test('the owner takes the seat back and locks it, and what was held down goes up', async () => {
  await using x = await terminal.machine.connect()
  const buttons = async () => (await heldInDisplay(x)).buttons
  const { owner, friend } = await sitTogether()
  await owner.page.keyboard.press('Control+Alt+Shift+q')
  const bar = owner.page.getByRole('toolbar')
  await owner.useTool(/^Keyboard and mouse/)
  await bar.getByRole('button', { name: /^Give keyboard and mouse to/ }).click()
  await friend.page.getByRole('button', { name: 'Keyboard and mouse: You' }).waitFor({ state: 'attached' })
  const { x: left, y: top } = await friend.locate({ x: 0.5, y: 0.5 })
  await friend.page.mouse.move(left, top)
  await friend.page.mouse.down()
  await eventually(buttons, (count) => count === 1, { what: 'a button that is down' })
  await bar.getByRole('button', { name: 'Take it' }).click()
  await eventually(buttons, (count) => count === 0, { what: 'nothing that is down' })
  await bar.getByRole('button', { name: 'Lock', exact: true }).click()
  await friend.page.mouse.up()
  await friend.page.keyboard.press('a')
  await friend.page.getByRole('button', { name: 'Keyboard and mouse: Owner, locked' }).waitFor({ state: 'attached' })
  await bar.getByRole('button', { name: 'Unlock' }).click()
})

terminal.test('everybody sees where the others point, unless they would rather not', async () => {
  const { owner, friend } = await sitTogether()
  const target = await friend.locate({ x: 0.25, y: 0.75 })
  await friend.page.mouse.move(target.x, target.y)
  const pointer = owner.page.locator('.player-pointer')
  await pointer.waitFor()
  const at = await owner.locate({ x: 0.25, y: 0.75 })
  await eventually(
    () => pointer.boundingBox(),
    (box) => box !== null && Math.hypot(box.x - at.x, box.y - at.y) < 3,
    { what: "the friend's pointer where it is" },
  )
  const layer = await owner.page.locator('.pointers').boundingBox()
  assert.deepEqual(layer, { x: 0, y: 0, width: 1280, height: 720 }, 'pointers lie over the picture')
  await owner.page.keyboard.press('Control+Alt+Shift+q')
  const bar = owner.page.getByRole('toolbar')
  await owner.useTool('Settings')
  await bar.getByText('Hide', { exact: true }).click()
  await pointer.waitFor({ state: 'detached' })
})
