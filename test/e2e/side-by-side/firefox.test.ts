import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { PointerState } from 'x11'
import { eventually } from '../../support/eventually.ts'
import { openFirefox } from '../../support/firefox.ts'
import type { Colour } from '../../support/page-probe.ts'
import { openScene } from '../../support/scene.ts'
import { playTone } from '../../support/tone.ts'
import { blockUdp, cutUdp, openUdp, untilByPath } from '../../support/udp-block.ts'
import type { ViewerPage } from '../../support/viewer-page.ts'

const scene = await openScene({ flags: ['--app', 'terminal'], openBrowser: openFirefox })
const { house } = scene
const terminal = await house.firstLobby()
const machine = scene.machine(terminal.id)

const middle = { x: 0.5, y: 0.5 }
/** Where no pointer covers the picture. */
const aside = { x: 0.3, y: 0.6 }
/** Where the pointer, which is part of the picture, is not. */
const field = { x: 0.7, y: 0.4 }
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]
const toneHz = 440
const pasted = 'Grüße aus Firefox, 5 €'

// What would be long to type; a script is run by `. ./name`.
const scripts = {
  red: String.raw`printf '\033[41m\033[2J'`,
  blue: String.raw`printf '\033[44m\033[2J'`,
  // The terminal reports the mouse as it would to any program (xterm's SGR mouse mode).
  mouse: String.raw`stty -echo raw; printf '\033[?1000;1006h'; head -c 56 > report; stty sane; printf '\033c'`,
  history: String.raw`stty -echo raw; printf '\033[?1000;1006h'; head -c 52 > history-report; stty sane; printf '\033c'`,
  paste: `stty -icanon; head -c ${Buffer.byteLength(pasted)} > pasted; stty icanon`,
  copy: `clear; for n in $(seq 40); do echo copiedInTheApp; done`,
}
for (const [name, text] of Object.entries(scripts)) await writeFile(machine.homeFile('terminal', name), `${text}\n`)

scene.test('Firefox shows VP8 by WebRTC, plays sound, and keys, pointer and wheel reach the app', async (t) => {
  const viewer = await scene.sit()
  await viewer.stepInto('Terminal')
  t.diagnostic(`a picture after ${await viewer.joinMs()} ms`)
  await turnSoundOn(viewer)
  await untilByPath(viewer.page, undefined)
  assert.match(await codecOf(viewer, 'VP8'), /^VP8, libvpx/)

  await viewer.takeControl(aside)
  await viewer.enter('. ./red')
  await viewer.untilColour(field, red)
  await viewer.enter(`echo '&"|#@Z' > keys`)
  assert.equal(await machine.textOf('terminal', 'keys', (text) => text.endsWith('\n')), '&"|#@Z\n')

  await viewer.enter('. ./mouse')
  await machine.textOf('terminal', 'report')
  const { x, y } = await viewer.locate(middle)
  await viewer.page.mouse.click(x, y)
  await viewer.page.mouse.click(x, y, { button: 'right' })
  await viewer.page.mouse.wheel(0, 50)
  const report = await machine.textOf('terminal', 'report', (text) => text.length === 56)
  const events = [...report.matchAll(/<(\d+);(\d+);(\d+)([Mm])/g)].map(([, button, , , how]) => `${button}${how}`)
  assert.deepEqual(events, ['0M', '0m', '2M', '2m', '65M'])

  await hearsTone(viewer)
  assert.deepEqual(complaintsOf(viewer), [])

  // By the buttons of a mouse for that, Firefox goes back and forward without a word to the page.
  await viewer.enter('. ./history')
  await machine.textOf('terminal', 'history-report')
  const address = viewer.page.url()
  /** Goes as such a button does, and waits until the page is back where it was. */
  const goThereAndBack = (steps: number) =>
    viewer.page.evaluate(`new Promise((resolve) => {
      let moves = 0
      addEventListener('popstate', () => ++moves === 2 && resolve())
      history.go(${steps})
    })`)
  await goThereAndBack(-1)
  await goThereAndBack(1)
  const reported = await machine.textOf('terminal', 'history-report', (text) => text.length === 52)
  assert.deepEqual(
    [...reported.matchAll(/<(\d+);\d+;\d+([Mm])/g)].map(([, button, how]) => `${button}${how}`),
    ['128M', '128m', '129M', '129m'],
  )
  assert.equal(viewer.page.url(), address)
  // Whoever is not in the app leaves.
  await viewer.openChat()
  await viewer.page.evaluate('history.back()')
  await viewer.page.getByRole('heading', { name: 'The light is on' }).waitFor()
})

scene.test(
  'in Firefox the pointer is where the picture shows it, and a locked one moves as far as the mouse',
  async () => {
    await using x = await machine.connect()
    const pointer = () => x.ask<PointerState>((answer) => x.client.QueryPointer(x.root, answer))
    const viewer = await scene.sit()
    await viewer.stepInto('Terminal')
    await viewer.takeControl()
    const { x: left, y: top } = await viewer.locate({ x: 0.25, y: 0.75 })
    await viewer.page.mouse.move(left, top)
    await eventually(pointer, at(320, 540), { what: 'the pointer at a quarter and three quarters' })
    await viewer.lockPointer()
    // A game puts the pointer back into the middle again and again.
    x.client.WarpPointer(0, x.root, 0, 0, 0, 0, 640, 360)
    await x.roundTrip()
    // Firefox counts from the middle of the page.
    await viewer.page.mouse.move(640 - 35, 360 + 25)
    await eventually(pointer, at(605, 385), { what: 'the pointer 35 further left and 25 further down' })
  },
)

scene.test('what one copies in Firefox is pasted in the app, and what the app copies can be pasted there', async () => {
  const viewer = await scene.sit()
  await viewer.stepInto('Terminal')
  await viewer.takeControl()
  await viewer.page.evaluate((copied) => {
    const { navigator } = globalThis as unknown as { navigator: { clipboard: { writeText(text: string): unknown } } }
    return navigator.clipboard.writeText(copied)
  }, pasted)
  await viewer.enter('. ./paste')
  await machine.textOf('terminal', 'pasted')
  await viewer.page.keyboard.press('Control+Shift+V')
  assert.equal(await machine.textOf('terminal', 'pasted', (now) => now.length === pasted.length), pasted)

  // The terminal takes what is selected into its clipboard; a triple click selects a line.
  await viewer.enter('. ./copy')
  await eventually(
    async () => {
      const { x, y } = await viewer.locate({ x: 0.1, y: 0.5 })
      await viewer.page.mouse.click(x, y, { clickCount: 3 })
      return viewer.page.evaluate(() => {
        const { navigator } = globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
        // Firefox lets a page read only after a click that it has noticed.
        return navigator.clipboard.readText().catch(String)
      })
    },
    (here) => here.includes('copiedInTheApp'),
    { what: 'what the app copied' },
  )
})

scene.test(
  'where no datagram gets through, Firefox decodes from the web port, and moves to WebRTC and back',
  async (t) => {
    const viewer = await scene.sit()
    await blockUdp(viewer.page)
    await viewer.stepInto('Terminal')
    await turnSoundOn(viewer)
    await untilByPath(viewer.page, 'web port')
    // So its pictures go over a canvas.
    assert.equal(await viewer.page.evaluate(() => 'MediaStreamTrackGenerator' in globalThis), false)
    assert.match(await codecOf(viewer, 'H264'), /^H264/)
    await viewer.takeControl(aside)
    await viewer.enter('. ./red')
    await viewer.untilColour(field, red)
    await hearsTone(viewer)

    await viewer.probe('beginWatch')
    await openUdp(viewer.page)
    await untilByPath(viewer.page, undefined)
    await viewer.enter('. ./blue')
    await viewer.untilColour(field, blue)
    await hearsTone(viewer)
    await cutUdp(viewer.page)
    await untilByPath(viewer.page, 'web port')
    await viewer.enter('. ./red')
    await viewer.untilColour(field, red)
    const { darkest, longestPauseMs } = await viewer.probe('endWatch')
    t.diagnostic(`the darkest picture has ${darkest}, the longest pause was ${Math.round(longestPauseMs)} ms`)
    assert.ok(darkest > 30, `there was never a black picture: ${darkest}`)
    assert.deepEqual(complaintsOf(viewer), [])
  },
)

const at = (x: number, y: number) => (now: PointerState) => Math.abs(now.rootX - x) <= 2 && Math.abs(now.rootY - y) <= 2

async function turnSoundOn(viewer: ViewerPage): Promise<void> {
  await viewer.useTool('Turn sound on')
  const isMuted = () => viewer.page.locator('video').evaluate((video) => (video as unknown as { muted: boolean }).muted)
  await eventually(isMuted, (muted) => !muted, { what: 'a video that is not muted' })
}

/** Plays a tone in the app and waits until it is heard. */
async function hearsTone(viewer: ViewerPage): Promise<void> {
  await using _ = await playTone(machine, toneHz)
  await eventually(
    () => viewer.probe('hear', toneHz),
    ({ toneDb }) => toneDb > -25,
    { what: 'the tone' },
  )
}

/** The codec that the page's statistics name, as soon as it is the wanted one. */
async function codecOf(viewer: ViewerPage, wanted: string): Promise<string> {
  await viewer.useTool('Statistics')
  const figure = viewer.page.locator('.stats dl > div').filter({ hasText: 'Codec' }).locator('dd')
  const codec = await eventually(
    () => figure.innerText(),
    (text) => text.startsWith(wanted),
    { what: wanted },
  )
  await viewer.useTool('Statistics')
  return codec
}

/** Without what Firefox says of a wall of UDP, and of Playwright's own scripts and styles, which the page's policy forbids. */
function complaintsOf({ complaints }: ViewerPage): readonly string[] {
  return complaints.filter((text) => !/WebRTC: ICE failed|blocked (a JavaScript eval|an inline style)/.test(text))
}
