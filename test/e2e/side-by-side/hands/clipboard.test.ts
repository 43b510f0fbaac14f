import assert from 'node:assert/strict'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

const screen = { viewport: { width: 1280, height: 720 }, permissions: ['clipboard-read', 'clipboard-write'] }
const middle = { x: 0.5, y: 0.5 }

// It comes first: a newcomer is offered what the app has copied before.
terminal.test('a browser that does not take what the app copied shows a button for it', async () => {
  const viewer = await scene.sit({ screen })
  await viewer.page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('There was no gesture'))")
  await viewer.stepInto('Terminal')
  await viewer.takeControl()
  await viewer.enter(String.raw`clear; for n in $(seq 40); do echo 'byTheButton'; done`)
  const button = viewer.page.getByRole('button', { name: 'Copy what the app copied' })
  await eventually(
    async () => {
      const { x, y } = await viewer.locate({ x: 0.1, y: 0.5 })
      await viewer.page.mouse.click(x, y, { clickCount: 3 })
      // What is drawn meanwhile takes a selection away; then there is nothing to copy, and it is selected again.
      const isShown = await button.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      )
      if (isShown) await button.click()
      return readHere(viewer)
    },
    (here) => here.includes('byTheButton'),
    { what: 'what the app copied' },
  )
})

terminal.test('what one copies here is pasted in the app, and what the app copies can be pasted here', async () => {
  const { machine } = terminal
  const viewer = await scene.sit({ screen })
  await viewer.stepInto('Terminal')
  await viewer.takeControl()

  const text = `Grüße, 5 € — ${'ñandú '.repeat(40)}`.trim()
  await writeHere(viewer, text)
  await viewer.enter(`stty -icanon; head -c ${Buffer.byteLength(text)} > pasted; stty icanon`)
  await machine.textOf('terminal', 'pasted')
  await viewer.page.keyboard.press('Control+Shift+V')
  assert.equal(await machine.textOf('terminal', 'pasted', (now) => now.length === text.length), text)

  // An image takes the place of the text here, and so it does there, though it cannot be pasted itself.
  await writeImageHere(viewer)
  await viewer.enter('stty -icanon; head -c 3 > image; stty icanon')
  await machine.textOf('terminal', 'image')
  await viewer.page.keyboard.press('Control+Shift+V')
  await viewer.page.getByText('What you copied has no text').waitFor()
  await viewer.page.keyboard.type('end')
  assert.equal(await machine.textOf('terminal', 'image', (now) => now.length === 3), 'end')

  const address = viewer.page.url()
  await dropFile(viewer)
  await viewer.page.getByText('Files cannot be given to the app by dropping them').waitFor()
  assert.equal(viewer.page.url(), address)

  // The terminal takes what is selected into its clipboard; a triple click selects a line.
  await viewer.enter(String.raw`clear; for n in $(seq 40); do echo 'copiedInTheApp'; done`)
  await eventually(
    async () => {
      const { x, y } = await viewer.locate({ x: 0.1, y: 0.5 })
      await viewer.page.mouse.click(x, y, { clickCount: 3 })
      return readHere(viewer)
    },
    (here) => here.includes('copiedInTheApp'),
    { what: 'what the app copied' },
  )
})

terminal.test('a viewer is not told what is copied, nor anybody who turned it off', async () => {
  const { link } = await house.invite(terminal.id, 'viewer')
  const watcher = await scene.sit({ link, screen })
  await watcher.untilLive()
  const owner = await scene.sit({ screen })
  await owner.stepInto('Terminal')
  await owner.useTool('Settings')
  await owner.page.getByRole('group', { name: 'Copy and paste' }).getByText('Off').click()
  await writeHere(owner, 'mine alone')
  await owner.page.keyboard.press('Escape')
  await owner.takeControl()
  await owner.enter(String.raw`clear; for n in $(seq 40); do echo 'neverSeenHere'; done`)
  await owner.stillPicture()
  const { x, y } = await owner.locate(middle)
  await owner.page.mouse.click(x, y, { clickCount: 3 })
  await owner.enter('stty -icanon; head -c 10 > private; stty icanon')
  const { machine } = terminal
  await machine.textOf('terminal', 'private')
  await owner.page.keyboard.press('Control+Shift+V')
  assert.equal(await machine.textOf('terminal', 'private', (now) => now.length === 10), 'neverSeenH')
  assert.equal(await readHere(owner), 'mine alone')
  assert.deepEqual(watcher.complaints, [])
})

function writeImageHere({ page }: ViewerPage): Promise<void> {
  return page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(8, 8)
    canvas.getContext('2d').fillRect(0, 0, 8, 8)
    const image = await canvas.convertToBlob({ type: 'image/png' })
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': image })])
  })()`)
}

/** As somebody drops a file of their own machine on the picture. */
async function dropFile(viewer: ViewerPage): Promise<void> {
  const devtools = await viewer.page.context().newCDPSession(viewer.page)
  const data = { items: [], files: [import.meta.filename], dragOperationsMask: 1 }
  const at = await viewer.locate(middle)
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', { type, ...at, data })
  }
}

function writeHere({ page }: ViewerPage, text: string): Promise<void> {
  return page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
}

function readHere({ page }: ViewerPage): Promise<string> {
  return page.evaluate('navigator.clipboard.readText()')
}
