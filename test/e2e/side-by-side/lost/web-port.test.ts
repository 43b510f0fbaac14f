import assert from 'node:assert/strict'
import * as v from 'valibot'
import { recordPage } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import type { Colour } from '../../../support/page-probe.ts'
import { scene } from './scene.ts'
import { playTone } from '../../../support/tone.ts'
import { blockUdp, cutUdp, openUdp, untilByPath } from '../../../support/udp-block.ts'

const { house } = scene
const terminal = scene.lobby('terminal', 'Terminal')
const aside = { x: 0.3, y: 0.6 }
/** Where the pointer, which is part of the picture, is not. */
const field = { x: 0.7, y: 0.4 }
const red: Colour = [0xf2, 0x77, 0x7a]
const blue: Colour = [0x7a, 0xa7, 0xe8]

terminal.test('where no datagram gets through, picture, sound and input come through the web port', async (t) => {
  const viewer = await scene.sit()
  await blockUdp(viewer.page)
  await viewer.stepInto('Terminal')
  t.diagnostic(`a picture after ${await viewer.joinMs()} ms`)
  await untilByPath(viewer.page, 'web port')
  await viewer.takeControl(aside)
  await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
  await viewer.untilColour(field, red)
  await viewer.useTool('Turn sound on')
  await using _ = await playTone(terminal.machine, 440)
  const heard = await eventually(
    () => viewer.probe('hear', 440),
    ({ toneDb }) => toneDb > -25,
    { what: 'the tone' },
  )
  t.diagnostic(`the tone has ${heard.toneDb.toFixed(1)} dB, everything ${heard.allDb.toFixed(1)} dB`)
  assert.deepEqual(viewer.complaints, [])
})

terminal.test('when datagrams get through the picture moves to WebRTC, and back when they do not', async (t) => {
  const viewer = await scene.sit()
  await blockUdp(viewer.page)
  await viewer.stepInto('Terminal')
  await untilByPath(viewer.page, 'web port')
  const session = await newestSession()
  await viewer.probe('beginWatch')
  await openUdp(viewer.page)
  await untilByPath(viewer.page, undefined)
  await viewer.takeControl(aside)
  await viewer.enter(String.raw`printf '\033[44m\033[2J'`)
  await viewer.untilColour(field, blue)
  await cutUdp(viewer.page)
  await untilByPath(viewer.page, 'web port')
  await viewer.enter(String.raw`printf '\033[41m\033[2J'`)
  await viewer.untilColour(field, red)
  const { darkest } = await viewer.probe('endWatch')
  assert.ok(darkest > 30, `there was never a black picture: ${darkest}`)
  const now = await newestSession()
  assert.equal(now.sessionId, session.sessionId, 'it is one session')
  t.diagnostic(`paths of the session: ${JSON.stringify(now.pathsMs)}`)
  assert.deepEqual(Object.keys(now.pathsMs).toSorted(), ['direct', 'web-port'])
  await viewer.leave()
  await eventually(newestSession, ({ cause }) => cause === 'page-closed', { what: 'a page that was closed' })
})

async function newestSession() {
  const { records } = v.parse(recordPage, (await house.api('GET', 'records')).json())
  const [newest] = records
  assert.ok(newest)
  return newest
}
