import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from '../../../test/support/fast-check.ts'
import type { KeyStroke } from './key-stroke.ts'
import { isReleaseShortcut, KeyTracker } from './key-tracker.ts'

const stroke = (code: string, key: string, more: Partial<KeyStroke> = {}): KeyStroke => ({
  code,
  key,
  repeat: false,
  isComposing: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  timeStamp: 0,
  ...more,
})
const message = (code: string, key: string, down: boolean) => ({ type: 'key', code, key, down })
const onPc = () => new KeyTracker({ system: 'other' })
const onMac = () => new KeyTracker({ system: 'mac' })

test('KeyTracker tells a key up with the meaning that it had when it went down', () => {
  const tracker = onPc()
  assert.deepEqual(tracker.down(stroke('KeyA', 'A', { shiftKey: true })), [message('KeyA', 'A', true)])
  assert.deepEqual(tracker.up(stroke('KeyA', 'a')), [message('KeyA', 'A', false)])
})

test('KeyTracker keeps repeats and strange releases to itself', () => {
  const tracker = onPc()
  tracker.down(stroke('KeyA', 'a'))
  assert.deepEqual(tracker.down(stroke('KeyA', 'a', { repeat: true })), [])
  assert.deepEqual(tracker.up(stroke('KeyB', 'b')), [])
})

test('KeyTracker leaves to the input method what belongs to it', () => {
  const tracker = onPc()
  assert.equal(tracker.down(stroke('KeyN', 'Process')), undefined)
  assert.equal(tracker.down(stroke('KeyN', 'n', { isComposing: true })), undefined)
  assert.equal(tracker.down(stroke('', 'Unidentified')), undefined)
})

test('KeyTracker takes back the left Control that Windows makes up for AltGr', () => {
  const tracker = onPc()
  tracker.down(stroke('ControlLeft', 'Control', { timeStamp: 100 }))
  assert.deepEqual(tracker.down(stroke('AltRight', 'AltGraph', { timeStamp: 100 })), [
    message('ControlLeft', 'Control', false),
    message('AltRight', 'AltGraph', true),
  ])
  assert.deepEqual(tracker.up(stroke('ControlLeft', 'Control')), [])
})

test('KeyTracker keeps a left Control that was really pressed before AltGr', () => {
  const tracker = onPc()
  tracker.down(stroke('ControlLeft', 'Control', { timeStamp: 100 }))
  assert.deepEqual(tracker.down(stroke('AltRight', 'AltGraph', { timeStamp: 180 })), [
    message('AltRight', 'AltGraph', true),
  ])
})

test('KeyTracker on a Mac copies and pastes with Control where Command was pressed', () => {
  const tracker = onMac()
  tracker.down(stroke('MetaLeft', 'Meta', { metaKey: true }))
  assert.deepEqual(tracker.down(stroke('KeyV', 'v', { metaKey: true })), [
    message('MetaLeft', 'Meta', false),
    message('ControlLeft', 'Control', true),
    message('KeyV', 'v', true),
    message('KeyV', 'v', false),
    message('ControlLeft', 'Control', false),
  ])
  assert.deepEqual(tracker.up(stroke('MetaLeft', 'Meta')), [])
})

test('KeyTracker on a Mac releases at once what it would never be told is up', () => {
  const tracker = onMac()
  tracker.down(stroke('MetaLeft', 'Meta', { metaKey: true }))
  const find = [message('KeyF', 'f', true), message('KeyF', 'f', false)]
  assert.deepEqual(tracker.down(stroke('KeyF', 'f', { metaKey: true })), find)
  assert.deepEqual(tracker.up(stroke('KeyF', 'f')), [])
  assert.deepEqual(tracker.up(stroke('MetaLeft', 'Meta')), [message('MetaLeft', 'Meta', false)])
  const caps = [message('CapsLock', 'CapsLock', true), message('CapsLock', 'CapsLock', false)]
  assert.deepEqual(tracker.down(stroke('CapsLock', 'CapsLock')), caps)
  assert.deepEqual(tracker.up(stroke('CapsLock', 'CapsLock')), caps)
})

test('KeyTracker tells a modifier down once that goes down again after a character has used it up', () => {
  const tracker = onMac()
  const option = (key: string) => tracker.down(stroke('AltRight', key))
  assert.deepEqual(option('a'), [message('AltRight', 'a', true)])
  tracker.down(stroke('KeyA', '@', { altKey: true }))
  assert.deepEqual(option('a'), [message('AltRight', 'a', true)])
})

test('KeyTracker never tells a key up that it has not told down, nor down twice', () => {
  const event = fc.record({
    down: fc.boolean(),
    code: fc.constantFrom('KeyA', 'KeyB', 'ControlLeft', 'AltLeft', 'AltRight', 'CapsLock', 'MetaLeft', ''),
    key: fc.constantFrom('a', 'A', '@', 'с', 'Control', 'Alt', 'AltGraph', 'Meta', 'Enter', 'Dead', 'Process'),
    ctrlKey: fc.boolean(),
    altKey: fc.boolean(),
    metaKey: fc.boolean(),
    timeStamp: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(fc.constantFrom('mac', 'windows', 'other'), fc.array(event, { maxLength: 40 }), (system, events) => {
      const tracker = new KeyTracker({ system })
      const held = new Set<string>()
      for (const { down, code, key, ...more } of events) {
        const given = stroke(code, key, { ...more, repeat: held.has(code || key) })
        for (const told of (down ? tracker.down(given) : tracker.up(given)) ?? []) {
          const name = told.code || told.key
          assert.equal(held.has(name), !told.down)
          if (told.down) held.add(name)
          else held.delete(name)
        }
      }
    }),
  )
})

test('isReleaseShortcut is Ctrl+Alt+Shift+Q, by its letter or its place', () => {
  const all = { ctrlKey: true, altKey: true, shiftKey: true }
  assert.equal(isReleaseShortcut(stroke('KeyQ', 'Q', all)), true)
  assert.equal(isReleaseShortcut(stroke('KeyA', 'Q', all)), true)
  assert.equal(isReleaseShortcut(stroke('KeyQ', 'Œ', all)), true)
  assert.equal(isReleaseShortcut(stroke('KeyQ', 'Q', { ...all, shiftKey: false })), false)
})
