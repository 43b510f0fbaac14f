import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neutralState } from '../../domain/gamepad.ts'
import { MoonlightPlayer } from './player-input.ts'

const pad = { pad: 1, present: 0b10, buttons: 0, triggers: [0, 0], sticks: [0, 0, 0, 0] } as const

test('the motion with which every client begins is nobody’s', () => {
  const player = new MoonlightPlayer()
  assert.deepEqual(player.messages({ type: 'move', dx: 1, dy: 1 }), [])
  assert.deepEqual(player.messages({ type: 'move', dx: -1, dy: -1 }), [])
  assert.deepEqual(player.messages({ type: 'move', dx: 1, dy: 1 }), [{ type: 'pointer-relative', dx: 1, dy: 1 }])
  const moving = new MoonlightPlayer()
  assert.deepEqual(moving.messages({ type: 'move', dx: 3, dy: 0 }), [{ type: 'pointer-relative', dx: 3, dy: 0 }])
})

test('positions, wheels, buttons, keys and text are told as browsers tell them', () => {
  const player = new MoonlightPlayer()
  assert.deepEqual(player.messages({ type: 'point', x: 1279, y: 0, width: 1280, height: 720 }), [
    { type: 'pointer', x: 1, y: 0 },
  ])
  assert.deepEqual(player.messages({ type: 'point', x: 9999, y: -5, width: 1280, height: 720 }), [
    { type: 'pointer', x: 1, y: 0 },
  ])
  assert.deepEqual(player.messages({ type: 'scroll', up: 120, right: 0 }), [{ type: 'wheel', dx: 0, dy: -1 }])
  assert.deepEqual(player.messages({ type: 'button', button: 'back', down: true }), [
    { type: 'button', button: 'back', down: true, x: undefined, y: undefined },
  ])
  assert.deepEqual(player.messages({ type: 'key', virtualKey: 0x41, modifiers: 0, down: true }), [
    { type: 'key', code: 'KeyA', key: 'Unidentified', down: true },
  ])
  assert.deepEqual(player.messages({ type: 'key', virtualKey: 0xff, modifiers: 0, down: true }), [])
  assert.deepEqual(player.messages({ type: 'text', text: 'ß' }), [{ type: 'text', text: 'ß' }])
})

test('a pad is plugged in with its first state, and unplugged with the first that is without it', () => {
  const player = new MoonlightPlayer()
  assert.deepEqual(player.messages({ type: 'pad', ...pad }), [
    { type: 'gamepad-connect', pad: 1 },
    { type: 'gamepad', pad: 1, state: neutralState },
  ])
  const pressed = { ...pad, buttons: 0x1000 | 0x400 | 1, triggers: [255, 0], sticks: [0, 32_767, 0, -32_768] } as const
  assert.deepEqual(player.messages({ type: 'pad', ...pressed }), [
    {
      type: 'gamepad',
      pad: 1,
      state: { buttons: 1 | (1 << 16) | (1 << 12) | (1 << 6), triggers: [1, 0], sticks: [0, -1, 0, 1] },
    },
  ])
  assert.deepEqual(player.messages({ type: 'pad', ...pad, present: 0 }), [{ type: 'gamepad-disconnect', pad: 1 }])
  assert.deepEqual(player.messages({ type: 'pad', ...pad, present: 0xfff0, pad: 9 }), [])
})
