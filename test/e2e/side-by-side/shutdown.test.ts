import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, test } from 'node:test'
import { findServerSocket } from '../../../src/host/display/server-socket.ts'
import { openChromium } from '../../support/chromium.ts'
import { eventually } from '../../support/eventually.ts'
import { LobbyMachine } from '../../support/lobby-machine.ts'
import { processesOf } from '../../support/processes-of.ts'
import { openPorchlight, type RunningPorchlight } from '../../support/running-porchlight.ts'
import { openSeats, type ViewerPage } from '../../support/viewer-page.ts'

const chromium = await openChromium()
after(() => chromium[Symbol.asyncDispose]())
const sit = await openSeats()

test('SIGINT ends everything in order, with somebody in the middle of it', { timeout: 120_000 }, async (t) => {
  await using house = await openPorchlight({ flags: ['--app', 'terminal'] })
  await using viewer = await enter(house)
  const display = await displayOf(house)
  const socket = await findServerSocket(display)
  // What has left its terminal and its parents ends as well.
  await viewer.enter('setsid sleep 600 & ')
  await eventually(
    () => namesOfProcesses(house),
    (names) => names.includes('sleep 600'),
    { what: 'a detached process' },
  )
  const [left] = runDirectories(house)
  assert.ok(left, 'there is a run directory')
  const ended = viewer.page.getByText('The host is closing or restarting').waitFor()

  const said = house.log.length
  const { code, tookMs } = await house.stop('SIGINT')
  t.diagnostic(`ended in ${Math.round(tookMs)} ms`)
  assert.equal(code, 0)
  assert.match(house.output, /Porchlight is off\.\n$/)
  assert.doesNotMatch(house.log.slice(said), /"level":"(error|warn)"/, 'an end in order is nothing to complain about')
  assert.deepEqual(await namesOfProcesses(house), [], 'nothing is left running')
  assert.deepEqual(runDirectories(house), [], 'no run directory is left')
  const now = await findServerSocket(display).catch(() => undefined)
  assert.notEqual(now?.identity, socket.identity, 'nothing is left of the display')
  await ended
})

test('SIGKILL leaves nothing running', { timeout: 120_000 }, async (t) => {
  await using house = await openPorchlight({ flags: ['--app', 'terminal'] })
  await using viewer = await enter(house)
  const killedMs = performance.now()
  await house.stop('SIGKILL')
  await eventually(
    () => namesOfProcesses(house),
    (names) => names.length === 0,
    { what: 'no process left' },
  )
  t.diagnostic(`the last process was gone after ${Math.round(performance.now() - killedMs)} ms`)
  // Whether the app runs on is not known, and in fact it does not.
  await viewer.page.getByText('The host cannot be reached').waitFor()
  await viewer.page.getByRole('button', { name: 'Try now' }).click()
  assert.deepEqual(
    viewer.complaints.filter((text) => !text.includes('ERR_')),
    [],
  )
})

/** Somebody enters the terminal. */
async function enter(house: RunningPorchlight): Promise<ViewerPage> {
  await house.firstLobby()
  const viewer = await sit(chromium.browser, house.link)
  await viewer.stepInto('Terminal')
  await viewer.takeControl({ x: 0.3, y: 0.3 })
  const names = await namesOfProcesses(house)
  for (const name of [/Xv(nc|fb)/, /pulseaudio/, /media\/process/, /xterm/]) {
    assert.ok(
      names.some((commandLine) => name.test(commandLine)),
      `${name} runs`,
    )
  }
  return viewer
}

async function namesOfProcesses(house: RunningPorchlight): Promise<readonly string[]> {
  return (await processesOf(house.directory)).map(({ commandLine }) => commandLine)
}

/** The number of the lobby's display. */
async function displayOf(house: RunningPorchlight): Promise<number> {
  const { id } = await house.firstLobby()
  const { DISPLAY = '' } = await new LobbyMachine(house, id).environment()
  return Number(DISPLAY.slice(1))
}

/** Where its sockets and cookies are. */
function runDirectories(house: RunningPorchlight): readonly string[] {
  return readdirSync(house.directory).filter((name) => name.startsWith('porchlight-'))
}
