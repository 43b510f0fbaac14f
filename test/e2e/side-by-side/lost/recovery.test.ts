import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { eventually } from '../../../support/eventually.ts'
import { mediaProcesses, soundServerProcess } from '../../../support/lobby-machine.ts'
import type { Colour } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'
import { playTone } from '../../../support/tone.ts'
import type { ViewerPage } from '../../../support/viewer-page.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

const aside = { x: 0.3, y: 0.6 }
/** Where the pointer, which is part of the picture, is not. */
const field = { x: 0.7, y: 0.4 }
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]
/** What all that has to be started again may take; a busy machine takes a few times as long as an idle one. */
const backWithinMs = 20_000

terminal.test(
  'the picture comes back by itself when its media process is killed, and the app has not noticed',
  async (t) => {
    const viewer = await arrive()
    await viewer.enter(String.raw`echo here at $$ > before; printf '\033[41m\033[2J'`)
    await viewer.untilColour(field, red)
    const victim = (await mediaProcesses(house)).at(-1)
    const { reason } = await survive(t, viewer, victim?.pid)
    assert.match(reason, /media process/)
    await viewer.untilColour(field, red)
    await viewer.enter(String.raw`echo here at $$ > after; printf '\033[44m\033[2J'`)
    await viewer.untilColour(field, blue)
    const text = await terminal.machine.textOf('terminal', 'before')
    assert.equal(await terminal.machine.textOf('terminal', 'after', (now) => now !== ''), text, 'it is the same shell')
  },
)

terminal.test('the picture comes back by itself when the X server is killed, with the app started again', async (t) => {
  const viewer = await arrive()
  const victim = await terminal.machine.displayServer()
  const { reason } = await survive(t, viewer, victim.pid)
  assert.match(reason, /display/i)
  assert.notEqual((await terminal.machine.displayServer()).pid, victim.pid)
  await viewer.takeControl(aside)
  // A terminal that is just starting has not got the keyboard yet.
  await eventually(
    async () => {
      await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
      return viewer.probe('colours', [{ x: 0.6, y: 0.3 }])
    },
    ([seen]) => (seen?.[0] ?? 0) > 200,
    { what: 'a red terminal' },
  )
})

terminal.test('the sound comes back by itself when the sound server is killed, and the picture stays', async (t) => {
  const viewer = await arrive()
  const { pid } = await soundServerProcess(house)
  await viewer.probe('beginWatch')
  await using before = await playTone(terminal.machine, 440)
  await eventually(
    () => viewer.probe('hear', 440),
    ({ toneDb }) => toneDb > -25,
    { what: 'the tone' },
  )
  const killedMs = performance.now()
  process.kill(pid, 'SIGKILL')
  await before.stop()
  await eventually(
    () => viewer.probe('hear', 440),
    ({ toneDb }) => toneDb < -60,
    { what: 'silence' },
  )
  await eventually(
    () =>
      soundServerProcess(house).then(
        ({ pid: now }) => now,
        () => pid,
      ),
    (now) => now !== pid,
    { what: 'another sound server', withinMs: backWithinMs },
  )
  // A player that comes before the sink is back is turned away.
  await eventually(
    async () => {
      await using tone = await playTone(terminal.machine, 660)
      return await eventually(
        () => viewer.probe('hear', 660),
        ({ toneDb }) => toneDb > -25,
        {
          what: 'the tone',
          withinMs: 2000,
        },
      ).then(
        () => true,
        () => !tone,
      )
    },
    (heard) => heard,
    { what: 'a tone on the new server', withinMs: backWithinMs },
  )
  t.diagnostic(`sound was back after ${Math.round(performance.now() - killedMs)} ms`)
  assert.equal(await viewer.page.locator('.caption').count(), 0, 'nobody was shown to the waiting room')
})

async function arrive(): Promise<ViewerPage> {
  const viewer = await scene.sit()
  await viewer.stepInto('Terminal')
  await viewer.takeControl(aside)
  return viewer
}

/** Kills a process and waits until the viewer is back from the waiting room. */
async function survive(t: TestContext, viewer: ViewerPage, pid: number | undefined): Promise<{ reason: string }> {
  assert.ok(pid, 'there is a process to kill')
  await viewer.probe('beginWatch')
  const told = viewer.waitingRoomReason()
  const killedMs = performance.now()
  process.kill(pid, 'SIGKILL')
  const reason = await told
  const toldMs = performance.now()
  await viewer.untilLive(backWithinMs)
  const backMs = performance.now()
  const { darkest } = await viewer.probe('endWatch')
  t.diagnostic(`"${reason}" after ${Math.round(toldMs - killedMs)} ms, back after ${Math.round(backMs - killedMs)} ms`)
  // The terminal's background alone has 39.
  assert.ok(darkest > 30, `there was never a black picture: ${darkest}`)
  return { reason }
}
