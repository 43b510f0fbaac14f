import assert from 'node:assert/strict'
import type { PointerState } from 'x11'
import type { XConnection } from '../../../../src/host/display/x11/x-connection.ts'
import { eventually } from '../../../support/eventually.ts'
import type { Place } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const terminal = scene.lobby('terminal', 'Terminal')

const phone = { viewport: { width: 844, height: 390 }, hasTouch: true, isMobile: true }
const middle = { x: 0.5, y: 0.5 }

terminal.test('text of an on-screen keyboard is typed, and the bar has the keys that it lacks', async () => {
  const { machine } = terminal
  const viewer = await scene.sit({ screen: phone })
  await viewer.stepInto('Terminal')
  const { page } = viewer
  await page.getByRole('button', { name: 'On-screen keyboard' }).tap()
  const bar = page.getByRole('toolbar', { name: 'More keys' })
  await bar.waitFor()
  const devtools = await page.context().newCDPSession(page)
  const type = (text: string) => devtools.send('Input.insertText', { text })
  const compose = (text: string) =>
    devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })

  await type('cat > typed')
  await page.keyboard.press('Enter')
  await machine.textOf('terminal', 'typed')
  // Words are composed, and corrected when they stand already.
  await compose('Gr')
  await compose('Grus')
  await compose('Gruß')
  await type('Grüße')
  await page.keyboard.press('Backspace')
  await page.keyboard.press('Enter')
  await bar.getByRole('button', { name: 'Ctrl' }).tap()
  await type('d')
  assert.equal(await machine.textOf('terminal', 'typed', (text) => text !== ''), 'Grüß\n')
  assert.equal(await bar.getByRole('button', { name: 'Ctrl' }).getAttribute('aria-pressed'), 'false')

  // The line before, by the arrow, once more with other words in it.
  await type('echo one > arrow')
  await page.keyboard.press('Enter')
  assert.equal(await machine.textOf('terminal', 'arrow', (text) => text !== ''), 'one\n')
  await type('cat -v > keys')
  await page.keyboard.press('Enter')
  await machine.textOf('terminal', 'keys')
  for (const name of ['Up', 'Tab', 'Escape', 'Delete']) await bar.getByRole('button', { name, exact: true }).tap()
  await page.keyboard.press('Enter')
  assert.equal(await machine.textOf('terminal', 'keys', (text) => text !== ''), '^[[A\t^[^[[3~\n')
  await page.keyboard.press('Control+d')
})

terminal.test('as a trackpad the glass pushes the pointer from where it is', async () => {
  const { machine } = terminal
  await using x = await machine.connect()
  const viewer = await scene.sit({ screen: phone })
  await viewer.stepInto('Terminal')
  await viewer.page.getByRole('button', { name: 'Settings' }).tap()
  await viewer.page.getByRole('group', { name: 'Fingers' }).getByText('Trackpad').tap()
  await viewer.page.getByRole('button', { name: 'Settings' }).tap()
  x.client.WarpPointer(0, x.root, 0, 0, 0, 0, 200, 200)
  await x.roundTrip()
  const { put, lift } = await fingers(viewer)
  await put({ x: 0.5, y: 0.8 })
  await put({ x: 0.6, y: 0.8 })
  await lift()
  const { rootX, rootY } = await eventually(
    () => pointerOf(x),
    ({ rootX: now }) => now > 300,
    { what: 'the pointer further right' },
  )
  // A tenth of the picture, 1.6 times faster.
  assert.ok(Math.abs(rootX - (200 + 0.1 * 1280 * 1.6)) <= 4, `at ${rootX}`)
  assert.ok(Math.abs(rootY - 200) <= 2)
})

// It comes last: whatever is done in the terminal from here on goes to its program.
terminal.test('fingers on a phone click, drag, scroll and zoom in the app', async () => {
  const { machine } = terminal
  const viewer = await scene.sit({ screen: phone })
  await viewer.stepInto('Terminal')
  const { put, lift } = await fingers(viewer)
  await tap(viewer, middle)
  // The terminal reports the mouse as it would to any program (xterm's SGR mouse mode, with motion while pressed).
  await viewer.enter(String.raw`stty -echo raw; printf '\033[?1002;1006h'; cat > fingers`)
  await machine.textOf('terminal', 'fingers')

  await tap(viewer, middle)
  await put({ x: 0.3, y: 0.3 })
  await put({ x: 0.6, y: 0.3 })
  await lift()
  await put({ x: 0.4, y: 0.5 }, { x: 0.6, y: 0.5 })
  await put({ x: 0.4, y: 0.7 }, { x: 0.6, y: 0.7 })
  await lift()
  await put({ x: 0.4, y: 0.5 }, { x: 0.6, y: 0.5 })
  await put({ x: 0.2, y: 0.5 }, { x: 0.8, y: 0.5 })
  await lift()
  await put({ x: 0.4, y: 0.5 }, { x: 0.6, y: 0.5 })
  await lift()
  const report = await machine.textOf('terminal', 'fingers', (text) => text.includes('<2;') && text.endsWith('m'))
  const events = [...report.matchAll(/<(\d+);\d+;\d+([Mm])/g)].map(([, button, how]) => `${button}${how}`)
  const kinds = events.filter((event, index) => event !== events[index - 1])
  // 0 the left button, 32 moved with it, 64 the wheel up, 80 that with Control, 2 the right button.
  assert.deepEqual(kinds, ['0M', '0m', '0M', '32M', '0m', '64M', '80M', '2M', '2m'])
})

/** Fingers on the picture: `put` brings as many of them as places are given, or moves them there. */
async function fingers(viewer: ViewerPage) {
  const devtools = await viewer.page.context().newCDPSession(viewer.page)
  let down: readonly Place[] = []
  const send = async (type: 'touchStart' | 'touchMove' | 'touchEnd', places: readonly Place[]) => {
    const touchPoints = await Promise.all(
      places.map(async (place, id) => {
        const { x, y } = await viewer.locate(place)
        return { id, x, y }
      }),
    )
    await devtools.send('Input.dispatchTouchEvent', { type, touchPoints })
  }
  return {
    put: async (...places: readonly Place[]): Promise<void> => {
      await send(down.length === 0 ? 'touchStart' : 'touchMove', places)
      down = places
    },
    lift: async (): Promise<void> => {
      await send('touchEnd', [])
      down = []
    },
  }
}

async function tap(viewer: ViewerPage, place: Place): Promise<void> {
  const { x, y } = await viewer.locate(place)
  await viewer.page.touchscreen.tap(x, y)
}

function pointerOf(x: XConnection): Promise<PointerState> {
  return x.ask((answer) => x.client.QueryPointer(x.root, answer))
}
