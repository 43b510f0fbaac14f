import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { session } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { mediaProcesses } from '../../../support/lobby-machine.ts'
import { scene } from './scene.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')

terminal.test('an app that everybody has left costs nothing, and is found as it was', async (t) => {
  const owner = await scene.sit()
  await owner.stepInto('Terminal')
  const guest = await scene.sit({ link: (await house.invite(terminal.id, 'player')).link })
  await guest.untilLive()
  await owner.takeControl()
  await owner.enter('seq 1 20; echo left at $$ > note; clear; seq 7 15')
  const note = await terminal.machine.textOf('terminal', 'note', (text) => text.endsWith('\n'))
  const before = await owner.stillPicture()
  await owner.useTool('Leave')
  await owner.page.getByRole('heading', { name: 'The light is on' }).waitFor()
  await Promise.all([owner.leave(), guest.leave()])

  await eventually(
    () => house.metric('porchlight_renditions{producer="lobby"}'),
    (renditions) => renditions === 0,
    { what: 'no encoding for nobody' },
  )
  const [busy, idle] = [await work(), await later(work)]
  t.diagnostic(`the media process of the empty lobby took ${(idle.cpuMs - busy.cpuMs).toFixed(0)} ms in ${idleMs} ms`)
  assert.deepEqual([idle.pictures, idle.sounds], [busy.pictures, busy.sounds], 'nothing is encoded for nobody')
  assert.ok(idle.cpuMs - busy.cpuMs < 0.05 * idleMs, 'and next to nothing is done')

  const returned = await scene.sit()
  await returned.stepInto('Terminal')
  assert.equal(await returned.stillPicture(), before)
  await returned.takeControl()
  await returned.enter('echo found at $$ >> note')
  const both = await terminal.machine.textOf('terminal', 'note', (text) => text.includes('found'))
  assert.equal(both, `${note}${note.replace('left', 'found')}`, 'it is the same shell')
})

terminal.test('a page that is loaded again resumes its session', async () => {
  const viewer = await scene.sit()
  await viewer.stepInto('Terminal')
  const before = await sessionIds()
  assert.equal(before.length, 1)
  await viewer.page.reload()
  await viewer.untilLive()
  assert.deepEqual(await sessionIds(), before)
  assert.deepEqual(viewer.complaints, [])
})

terminal.test('after a lost connection the page shows what comes, and no longer the picture that it kept', async () => {
  const viewer = await scene.sit()
  await viewer.page.evaluate(`{
    globalThis.sockets = []
    globalThis.WebSocket = class extends WebSocket {
      constructor(...given) {
        super(...given)
        sockets.push(this)
      }
    }
    // It may be over before anybody could look. Boxed, since a promise would be waited for here.
    globalThis.kept = { width: new Promise((resolve) => {
      const look = () => {
        const width = document.querySelector('.stage .still')?.width ?? 0
        if (width > 0) resolve(width)
      }
      new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
    }) }
    undefined
  }`)
  await viewer.stepInto('Terminal')
  await viewer.page.evaluate('for (const socket of sockets) socket.close()')
  assert.ok((await viewer.page.evaluate<number>('kept.width')) > 0, 'the last picture is kept')
  await viewer.untilLive()
})

const idleMs = 2000

async function later<T>(look: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  return look()
}

/** What the lobby has been encoded so far, and the processor time of its media process. */
async function work(): Promise<{ pictures: number; sounds: number; cpuMs: number }> {
  const media = (await mediaProcesses(house)).at(-1)
  const fields = (await readFile(`/proc/${media?.pid}/stat`, 'latin1')).split(') ')[1]?.split(' ') ?? []
  // utime and stime, in hundredths of a second (proc(5)).
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * 10
  const pictures = await house.metric('porchlight_units_encoded_total{producer="lobby"}')
  const sounds = await house.metric('porchlight_audio_units_encoded_total{producer="lobby"}')
  return { pictures, sounds, cpuMs }
}

async function sessionIds(): Promise<readonly string[]> {
  return v.parse(v.array(session), (await house.api('GET', 'sessions')).json()).map(({ id }) => id)
}
