import assert from 'node:assert/strict'
import { after } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { listenInApp, type AppEar } from '../../support/app-ear.ts'
import { eventually } from '../../support/eventually.ts'
import { findFaults } from '../../support/find-faults.ts'
import { scene } from './scene.ts'
import { openSpeakingChromium } from '../../support/speaking-chromium.ts'
import { blockUdp, cutUdp, openUdp, untilByPath } from '../../support/udp-block.ts'
import type { ViewerPage } from '../../support/viewer-page.ts'

const voiceHz = 440
const { house } = scene
const speaking = await openSpeakingChromium(voiceHz)
after(() => speaking[Symbol.asyncDispose]())
const terminal = scene.lobby('terminal', 'Terminal')
const aside = { x: 0.3, y: 0.6 }

terminal.test('what a player says is heard by the app, and by the others only when the owner wants that', async (t) => {
  await choose('app')
  const owner = await listener()
  const player = await speaker('player')
  await using ear = await listenInApp(terminal.machine)
  await stays(() => ear.peak() === 0 && ear.recorded > 0, 'nothing is heard before the microphone is on')
  await turnOn(player, 'The app hears you')
  await appHears(ear)
  await stays(() => isSilent(owner), 'the others hear nothing')

  await owner.page.keyboard.press('Control+Alt+Shift+q')
  await owner.useTool('Settings')
  await owner.page.getByText('Players', { exact: true }).click()
  await hears(owner)
  await player.page.getByText('Everybody here hears your microphone from now on').waitFor()
  assert.match((await microphone(player).getAttribute('title')) ?? '', /The app and everybody here hear you/)
  await stays(() => isSilent(player), 'nobody hears themself')
  await owner.page.getByRole('img', { name: /, who speaks/ }).waitFor({ state: 'attached' })
  assert.deepEqual(await findFaults(player.page), [])

  const takenMs = performance.now()
  await choose('app')
  await eventually(() => isSilent(owner), Boolean, { what: 'silence for the others' })
  t.diagnostic(`the others heard nothing any more after ${Math.round(performance.now() - takenMs)} ms`)
  await appHears(ear)
  await turnOff(player)
  await eventually(
    () => ear.peak(),
    (peak) => peak === 0,
    { what: 'silence for the app' },
  )
  assert.deepEqual([...player.complaints, ...owner.complaints], [])
})

terminal.test('who may only watch is heard by the others if everybody may be, and never by the app', async () => {
  await choose('players')
  const owner = await listener()
  const guest = await speaker('viewer')
  await using ear = await listenInApp(terminal.machine)
  assert.equal(await guest.page.locator('.microphone').count(), 0, 'there is no microphone that nobody hears')
  await choose('everybody')
  await turnOn(guest, 'Everybody here hears you')
  await hears(owner)
  await stays(() => ear.peak() === 0, 'the app hears nothing')
  await choose('players')
  await eventually(() => isSilent(owner), Boolean, { what: 'silence when the owner changes their mind' })
  await guest.page.locator('.microphone').waitFor({ state: 'detached' })
})

terminal.test('a role that is taken away takes the voice with it', async (t) => {
  await choose('players')
  const owner = await listener()
  const player = await speaker('player')
  await using ear = await listenInApp(terminal.machine)
  await turnOn(player, 'The app and everybody here hear you')
  await Promise.all([hears(owner), appHears(ear)])
  const members = (await house.api('GET', 'members')).json() as { id: string; present: boolean }[]
  const id = members.find(({ present }) => present)?.id
  const takenMs = performance.now()
  assert.equal((await house.api('PATCH', `members/${id}`, { body: { role: 'viewer' } })).status, 200)
  await eventually(async () => (await isSilent(owner)) && ear.peak() === 0, Boolean, { what: 'silence everywhere' })
  t.diagnostic(`nothing was heard any more after ${Math.round(performance.now() - takenMs)} ms`)
  await player.page.locator('.microphone').waitFor({ state: 'detached' })
})

terminal.test(
  'the microphone moves to the web port with everything else, and is back after a lost connection',
  async () => {
    await choose('players')
    const owner = await listener()
    const player = await speaker('player', async (guest) => {
      await blockUdp(guest.page)
      await openUdp(guest.page)
    })
    await untilByPath(player.page, undefined)
    await using ear = await listenInApp(terminal.machine)
    await turnOn(player, 'The app and everybody here hear you')
    await Promise.all([hears(owner), appHears(ear)])
    await cutUdp(player.page)
    await untilByPath(player.page, 'web port')
    await goesOn(owner, ear)

    await player.page.evaluate('network.cut()')
    await player.page.locator('.microphone[data-state="paused"]').waitFor({ state: 'attached' })
    await eventually(async () => (await isSilent(owner)) && ear.peak() === 0, Boolean, { what: 'silence meanwhile' })
    await player.page.evaluate('network.join()')
    await player.page.locator('.microphone[data-state="on"]').waitFor({ state: 'attached' })
    await goesOn(owner, ear)
  },
)

type Choice = 'app' | 'players' | 'everybody'

async function choose(voice: Choice): Promise<void> {
  assert.equal((await house.api('PATCH', `lobbies/${terminal.id}`, { body: { voice } })).status, 200)
}

/** The owner, who hears the lobby and has no microphone. */
async function listener(): Promise<ViewerPage> {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  await owner.takeControl(aside)
  return owner
}

/** A guest whose microphone hears a tone. */
async function speaker(
  role: 'player' | 'viewer',
  prepare?: (viewer: ViewerPage) => Promise<void>,
): Promise<ViewerPage> {
  const { link } = await house.invite(terminal.id, role)
  const guest = await scene.sit({ link: new URL(link).origin, browser: speaking.chromium.browser })
  await rememberSockets(guest)
  await prepare?.(guest)
  await guest.page.evaluate(`location.assign(${JSON.stringify(link)})`)
  // The page stays: what it showed before the link is no sign that there is no doorstep.
  await guest.page.getByRole('button', { name: 'Come in' }).click()
  await guest.untilLive()
  return guest
}

function microphone({ page }: ViewerPage) {
  return page.locator('.bar .microphone')
}

/** Turns it on by keyboard, and waits until it says who hears. */
async function turnOn(viewer: ViewerPage, hearers: string): Promise<void> {
  await viewer.pressTool(microphone(viewer))
  await viewer.page.locator(`.microphone[data-state="on"][title*="${hearers}"]`).waitFor({ state: 'attached' })
}

async function turnOff(viewer: ViewerPage): Promise<void> {
  await viewer.pressTool(microphone(viewer))
  await viewer.page.locator('.microphone[data-state="off"]').waitFor({ state: 'attached' })
}

/** A tone after noise suppression; silence is exactly that. */
const isHeard = ({ toneDb }: { toneDb: number }) => toneDb > -50

async function hears(viewer: ViewerPage): Promise<void> {
  await eventually(() => viewer.probe('hear', voiceHz), isHeard, { what: 'the voice in a page' })
}

async function appHears(ear: AppEar): Promise<void> {
  await eventually(
    () => ear.level(voiceHz),
    (level) => level > 0.01,
    { what: 'the voice in the app' },
  )
}

async function isSilent(viewer: ViewerPage): Promise<boolean> {
  return (await viewer.probe('hear', voiceHz)).allDb < -70
}

/** What does not happen has no event: it is looked for during half a second. */
async function stays(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const untilMs = performance.now() + 500
  while (performance.now() < untilMs) {
    assert.ok(await look(), what)
    await pause(25)
  }
}

/** The voice is heard in the page and in the app, again and again: what was under way before does not count. */
async function goesOn(viewer: ViewerPage, ear: AppEar): Promise<void> {
  for (let times = 0; times < 3; times++) {
    await pause(200)
    await Promise.all([hears(viewer), appHears(ear)])
  }
}

/** Lets a test cut the page's sockets, and keep it from opening others for a while. */
async function rememberSockets({ page }: ViewerPage): Promise<void> {
  await page.evaluate(`{
    let isCut = false
    const sockets = []
    globalThis.network = {
      cut() {
        isCut = true
        for (const socket of sockets) socket.close()
      },
      join() {
        isCut = false
        dispatchEvent(new Event('online'))
      },
    }
    globalThis.WebSocket = class extends WebSocket {
      constructor(url, protocols) {
        super(isCut ? url.replace(/:\\d+/, ':9') : url, protocols)
        sockets.push(this)
      }
    }
  }`)
}
