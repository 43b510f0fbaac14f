import assert from 'node:assert/strict'
import type { PointerState } from 'x11'
import type { XConnection } from '../../../../src/host/display/x11/x-connection.ts'
import { eventually } from '../../../support/eventually.ts'
import type { Colour } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')
const middle = { x: 0.5, y: 0.5 }
/** Where no pointer covers the picture. */
const aside = { x: 0.3, y: 0.6 }

/** What the terminal's red and blue look like. */
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]

terminal.test('what one types changes the picture of both', async () => {
  const owner = await terminal.resident()
  await house.api('PATCH', `lobbies/${terminal.id}`, { body: { seating: 'shared' } })
  const friend = await scene.sit({ link: await owner.share('May play') })
  await friend.untilLive()

  await owner.takeControl()
  await owner.enter(String.raw`printf '\033[41m\033[2J'`)
  await Promise.all([owner.untilColour(aside, red), friend.untilColour(aside, red)])
  await friend.takeControl()
  await friend.enter(String.raw`printf '\033[44m\033[2J'`)
  await Promise.all([owner.untilColour(aside, blue), friend.untilColour(aside, blue)])
})

terminal.test('text, and the keys of foreign keyboards, arrive as the characters that they mean', async () => {
  const { machine } = terminal
  const viewer = await terminal.resident()

  const write = async (name: string, strike: () => Promise<void>, expected: string) => {
    await viewer.enter(`cat > ${name}; echo >> ${name}`)
    await machine.textOf('terminal', name)
    await strike()
    await viewer.page.keyboard.press('Enter')
    await viewer.page.keyboard.press('Control+d')
    const text = await machine.textOf('terminal', name, (now) => now.endsWith('\n\n'))
    assert.equal(text, `${expected}\n\n`)
  }
  await write('text', () => viewer.page.keyboard.type('Grüße aus Köln, 5 € - ñandú'), 'Grüße aus Köln, 5 € - ñandú')
  // On a US layout no key writes an umlaut, and a French A is where a Q is.
  await write(
    'german',
    () =>
      strikeAll(viewer, [
        ['KeyY', 'z'],
        ['Semicolon', 'ö'],
        ['Minus', 'ß'],
        ['KeyZ', 'y'],
      ]),
    'zößy',
  )
  await write(
    'french',
    () =>
      strikeAll(viewer, [
        ['KeyQ', 'a'],
        ['Digit2', 'é'],
        ['Digit9', 'ç'],
        ['KeyM', ','],
        ['KeyW', 'z'],
      ]),
    'aéç,z',
  )

  await house.api('PATCH', `lobbies/${terminal.id}`, { body: { layout: 'fr' } })
  await write(
    'azerty',
    () =>
      strikeAll(viewer, [
        ['KeyQ', 'a'],
        ['Digit2', 'é'],
        ['Digit9', 'ç'],
        ['KeyM', ','],
        ['KeyW', 'z'],
      ]),
    'aéç,z',
  )
  await house.api('PATCH', `lobbies/${terminal.id}`, { body: { layout: 'us' } })
})

// Whatever is done in the terminal from here on goes to its program.
terminal.test('pointer, buttons and wheel reach the app where the picture shows them', async () => {
  const { machine } = terminal
  await using x = await machine.connect()
  const viewer = await terminal.resident()
  // The terminal reports the mouse as it would to any program (xterm's SGR mouse mode).
  await viewer.enter(String.raw`stty -echo raw; printf '\033[?1000;1006h'; cat > mouse`)
  await machine.textOf('terminal', 'mouse')

  for (const place of [middle, { x: 0.25, y: 0.75 }, { x: 0.999, y: 0.999 }]) {
    const { x: left, y: top } = await viewer.locate(place)
    await viewer.page.mouse.move(left, top)
    await eventually(
      () => pointerOf(x),
      ({ rootX, rootY }) => Math.abs(rootX - place.x * 1280) <= 2 && Math.abs(rootY - place.y * 720) <= 2,
      { what: `the pointer at ${place.x}, ${place.y} of the display` },
    )
  }
  const { x: left, y: top } = await viewer.locate(middle)
  await viewer.page.mouse.click(left, top, { button: 'left' })
  await viewer.page.mouse.click(left, top, { button: 'right' })
  await viewer.page.mouse.wheel(0, 120)
  await viewer.page.mouse.wheel(0, -120)
  const report = await machine.textOf('terminal', 'mouse', (text) => text.includes('<65;') && text.includes('<64;'))
  const events = [...report.matchAll(/<(\d+);(\d+);(\d+)([Mm])/g)].map(([, button, , , how]) => `${button}${how}`)
  assert.deepEqual(events, ['0M', '0m', '2M', '2m', '65M', '64M'])

  // The buttons of a mouse that go back and forward, which a browser takes for its own history.
  const address = viewer.page.url()
  const devtools = await viewer.page.context().newCDPSession(viewer.page)
  for (const [button, buttons] of [
    ['back', 8],
    ['forward', 16],
  ] as const) {
    for (const type of ['mousePressed', 'mouseReleased'] as const) {
      const held = type === 'mousePressed' ? buttons : 0
      await devtools.send('Input.dispatchMouseEvent', { type, x: left, y: top, button, buttons: held, clickCount: 1 })
    }
  }
  await machine.textOf('terminal', 'mouse', (text) => text.includes('<128;') && text.includes('<129;'))
  assert.equal(viewer.page.url(), address)
})

terminal.test('a locked pointer moves by how far the mouse moves', async () => {
  const { machine } = terminal
  await using x = await machine.connect()
  const viewer = await terminal.resident()
  await viewer.takeControl()
  await eventually(
    () => pointerOf(x),
    ({ rootX }) => Math.abs(rootX - 640) <= 2,
    { what: 'the pointer in the middle' },
  )
  await viewer.lockPointer()
  // A game puts the pointer back into the middle again and again.
  x.client.WarpPointer(0, x.root, 0, 0, 0, 0, 640, 360)
  await x.roundTrip()
  for (let step = 0; step < 10; step++) await viewer.moveBy(-7, 5)
  await eventually(
    () => pointerOf(x),
    ({ rootX, rootY }) => rootX === 570 && rootY === 410,
    { what: 'the pointer 70 further left and 50 further down' },
  )
})

async function strikeAll(viewer: ViewerPage, keys: readonly (readonly [code: string, key: string])[]): Promise<void> {
  for (const [code, key] of keys) await viewer.strike(code, key)
}

function pointerOf(x: XConnection): Promise<PointerState> {
  return x.ask((answer) => x.client.QueryPointer(x.root, answer))
}
