import assert from 'node:assert/strict'
import * as v from 'valibot'
import { hostInfo } from '../../../../src/wire/api/resources.ts'
import { eventually } from '../../../support/eventually.ts'
import { scene } from './scene.ts'

const { house } = scene

/** A browser with one pad, whose button is `pad.press()`. */
const fakePad = `
  const buttons = Array.from({ length: 17 }, () => ({ pressed: false, touched: false, value: 0 }))
  const pad = { index: 0, id: 'A pad', mapping: 'standard', connected: true, axes: [0, 0, 0, 0], buttons, timestamp: 0 }
  navigator.getGamepads = () => [pad, null, null, null]
  globalThis.pad = { press: (down) => (buttons[0] = { pressed: down, touched: down, value: Number(down) }) }
  window.dispatchEvent(new Event('gamepadconnected'))
`

scene.test('a gamepad of the browser gets a seat when it is plugged in, and gives it back', async () => {
  const lobby = await scene.openLobby('terminal', 'Pads')
  const viewer = await scene.sit()
  await viewer.stepInto('Pads')
  await viewer.page.evaluate(fakePad)
  const holder = async () => {
    const { seats } = v.parse(
      v.object({ seats: v.array(v.object({ id: v.string(), holder: v.nullish(v.string()) })) }),
      (await house.api('GET', `lobbies/${lobby.id}`)).json(),
    )
    return seats.find(({ id }) => id === 'gamepad-1')?.holder ?? undefined
  }
  await eventually(holder, (session) => session !== undefined, { what: 'a seat for the pad' })
  await viewer.page.evaluate('pad.press(true)')
  await viewer.page.evaluate("navigator.getGamepads = () => []; window.dispatchEvent(new Event('gamepaddisconnected'))")
  await eventually(holder, (session) => session === undefined, { what: 'a free seat' })
  assert.deepEqual(viewer.complaints, [])
  await house.api('DELETE', `lobbies/${lobby.id}`)
})

scene.test('a host without uinput says so, and what helps', async (t) => {
  const { missing } = v.parse(hostInfo, (await house.api('GET', 'host')).json())
  const gamepads = missing.find(({ what }) => what === 'Gamepads')
  if (!gamepads) return t.skip('this machine has uinput')
  assert.match(gamepads.remedy, /modprobe uinput|setfacl/)
})
