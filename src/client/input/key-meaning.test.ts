import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyboardSystem, type KeyboardSystem, type OptionKeys } from './key-meaning.ts'
import type { KeyStroke } from './key-stroke.ts'
import { KeyTracker } from './key-tracker.ts'
import { KnownKeys } from './known-keys.ts'

/** `+` down and `-` up, then code, key and the modifiers that the browser tells: c(ontrol), a(lt), s(hift), m(eta). */
type Event = readonly [direction: '+' | '-', code: string, key: string, modifiers?: string]

interface Row {
  readonly what: string
  readonly system: KeyboardSystem
  readonly events: readonly Event[]
  /** What the host is told: `+code key` and `-code key`. */
  readonly told: readonly string[]
  readonly optionKeys?: OptionKeys
  readonly layoutMap?: Readonly<Record<string, string>>
}

const option: Event = ['+', 'AltLeft', 'Alt', 'a']
const optionUp: Event = ['-', 'AltLeft', 'Alt']
const control: Event = ['+', 'ControlLeft', 'Control', 'c']
const controlUp: Event = ['-', 'ControlLeft', 'Control']
const alone = (...keys: string[]) => keys.flatMap((key) => [`+${key}`, `-${key}`])
const withControl = (...keys: string[]) => ['+ControlLeft Control', ...alone(...keys), '-ControlLeft Control']
const underControl = (code: string, key: string): readonly Event[] => [
  control,
  ['+', code, key, 'c'],
  ['-', code, key, 'c'],
  controlUp,
]
const typed = (code: string, key: string): readonly Event[] => [
  ['+', code, key],
  ['-', code, key],
]

const rows: readonly Row[] = [
  ...(
    [
      ['German Option+L', 'KeyL', '@'],
      ['German Option+5', 'Digit5', '['],
      ['US Option+P', 'KeyP', 'π'],
      ['French Option+5', 'Digit5', '{'],
      ['US Option+Space', 'Space', '\u00a0'],
    ] as const
  ).map(([what, code, key]): Row => ({
    what: `${what} on a Mac is a character and nothing else`,
    system: 'mac',
    events: [option, ['+', code, key, 'a'], ['-', code, key, 'a'], optionUp],
    told: alone(`${code} ${key}`),
  })),
  {
    what: 'Option+Shift on a Mac makes characters with Shift down',
    system: 'mac',
    events: [
      option,
      ['+', 'ShiftLeft', 'Shift', 'as'],
      ['+', 'KeyL', '|', 'as'],
      ['-', 'KeyL', '|', 'as'],
      ['-', 'ShiftLeft', 'Shift', 'a'],
      optionUp,
    ],
    told: ['+ShiftLeft Shift', ...alone('KeyL |'), '-ShiftLeft Shift'],
  },
  {
    what: 'two characters and then an arrow under one Option',
    system: 'mac',
    events: [
      option,
      ['+', 'Digit5', '[', 'a'],
      ['-', 'Digit5', '[', 'a'],
      ['+', 'Digit6', ']', 'a'],
      ['-', 'Digit6', ']', 'a'],
      ['+', 'ArrowLeft', 'ArrowLeft', 'a'],
      ['-', 'ArrowLeft', 'ArrowLeft', 'a'],
      ['+', 'KeyL', '@', 'a'],
      ['-', 'KeyL', '@', 'a'],
      optionUp,
    ],
    told: [
      ...alone('Digit5 [', 'Digit6 ]'),
      '+AltLeft Alt',
      ...alone('ArrowLeft ArrowLeft'),
      '-AltLeft Alt',
      ...alone('KeyL @'),
    ],
  },
  {
    what: 'Option alone on a Mac is Alt',
    system: 'mac',
    events: [option, optionUp],
    told: alone('AltLeft Alt'),
  },
  {
    what: 'Command+Option on a Mac commands, by the letter of the key',
    system: 'mac',
    events: [
      ['+', 'MetaLeft', 'Meta', 'm'],
      ['+', 'AltLeft', 'Alt', 'am'],
      ['+', 'KeyL', '¬', 'am'],
      ['-', 'AltLeft', 'Alt', 'm'],
      ['-', 'MetaLeft', 'Meta'],
    ],
    told: ['+MetaLeft Meta', '+AltLeft Alt', ...alone('KeyL l'), '-AltLeft Alt', '-MetaLeft Meta'],
  },
  {
    what: 'Option as Alt, by choice',
    system: 'mac',
    optionKeys: 'alt',
    events: [option, ['+', 'KeyB', '∫', 'a'], ['-', 'KeyB', '∫', 'a'], optionUp],
    told: ['+AltLeft Alt', ...alone('KeyB b'), '-AltLeft Alt'],
  },
  {
    what: 'Option as Alt names the letter that the keyboard has there',
    system: 'mac',
    optionKeys: 'alt',
    layoutMap: { KeyQ: 'a' },
    events: [option, ['+', 'KeyQ', 'æ', 'a'], ['-', 'KeyQ', 'æ', 'a'], optionUp],
    told: ['+AltLeft Alt', ...alone('KeyQ a'), '-AltLeft Alt'],
  },
  {
    what: 'Ctrl+Alt+Q of a German keyboard on Windows is a character',
    system: 'windows',
    events: [
      control,
      ['+', 'AltLeft', 'Alt', 'ca'],
      ['+', 'KeyQ', '@', 'ca'],
      ['-', 'KeyQ', '@', 'ca'],
      ['-', 'AltLeft', 'Alt', 'c'],
      controlUp,
    ],
    told: ['+ControlLeft Control', '+AltLeft Alt', '-ControlLeft Control', '-AltLeft Alt', ...alone('KeyQ @')],
  },
  {
    what: 'the same, where the browser says itself that the modifiers are used up',
    system: 'windows',
    events: [
      control,
      ['+', 'AltLeft', 'Alt', 'ca'],
      ['+', 'KeyE', '€'],
      ['-', 'KeyE', '€'],
      ['-', 'AltLeft', 'Alt', 'c'],
      controlUp,
    ],
    told: ['+ControlLeft Control', '+AltLeft Alt', '-ControlLeft Control', '-AltLeft Alt', ...alone('KeyE €')],
  },
  ...(
    [
      ['Delete', 'Delete'],
      ['KeyQ', 'q'],
      ['Slash', '/'],
      ['Digit7', '7'],
      ['KeyC', 'с'],
    ] as const
  ).map(([code, key]): Row => ({
    what: `Ctrl+Alt+${key} on Windows commands`,
    system: 'windows',
    events: [
      control,
      ['+', 'AltLeft', 'Alt', 'ca'],
      ['+', code, key, 'ca'],
      ['-', code, key, 'ca'],
      ['-', 'AltLeft', 'Alt', 'c'],
      controlUp,
    ],
    told: ['+ControlLeft Control', '+AltLeft Alt', ...alone(`${code} ${key}`), '-AltLeft Alt', '-ControlLeft Control'],
  })),
  {
    what: 'Ctrl+Alt+ü on Windows commands, as the key writes ü by itself',
    system: 'windows',
    events: [
      ...typed('BracketLeft', 'ü'),
      control,
      ['+', 'AltLeft', 'Alt', 'ca'],
      ['+', 'BracketLeft', 'ü', 'ca'],
      ['-', 'BracketLeft', 'ü', 'ca'],
    ],
    told: [...alone('BracketLeft ü'), '+ControlLeft Control', '+AltLeft Alt', ...alone('BracketLeft ü')],
  },
  {
    what: 'Ctrl+Alt+Q elsewhere commands, whatever it is called',
    system: 'other',
    events: [control, ['+', 'AltLeft', 'Alt', 'ca'], ['+', 'KeyQ', '@', 'ca'], ['-', 'KeyQ', '@', 'ca']],
    told: ['+ControlLeft Control', '+AltLeft Alt', ...alone('KeyQ @')],
  },
  {
    what: 'AltGr of Windows writes with AltGr down',
    system: 'windows',
    events: [
      control,
      ['+', 'AltRight', 'AltGraph', 'ca'],
      ['+', 'KeyQ', '@', 'ca'],
      ['-', 'KeyQ', '@', 'ca'],
      ['-', 'AltRight', 'AltGraph', 'c'],
      controlUp,
    ],
    told: [
      '+ControlLeft Control',
      '-ControlLeft Control',
      '+AltRight AltGraph',
      ...alone('KeyQ @'),
      '-AltRight AltGraph',
    ],
  },
  {
    what: 'AltGr of Windows writes with AltGr down, however long after its Control it comes',
    system: 'windows',
    events: [control, ['-', 'KeyX', 'x', 'c'], ['+', 'AltRight', 'AltGraph', 'ca'], ['+', 'KeyQ', '@', 'ca']],
    told: ['+ControlLeft Control', '-ControlLeft Control', '+AltRight AltGraph', '+KeyQ @'],
  },
  {
    what: 'Ctrl+A of a French keyboard goes by its letter',
    system: 'other',
    events: underControl('KeyQ', 'a'),
    told: withControl('KeyQ a'),
  },
  {
    what: 'Ctrl+Q of a Greek keyboard, which has a semicolon there, goes by its place once Greek was typed',
    system: 'other',
    events: [...typed('KeyA', 'α'), ...underControl('KeyQ', ';')],
    told: [...alone('KeyA α'), ...withControl('KeyQ q')],
  },
  {
    what: 'Ctrl+Q of a Hebrew keyboard goes by its place where the browser knows the letter',
    system: 'other',
    layoutMap: { KeyQ: 'q' },
    events: underControl('KeyQ', '/'),
    told: withControl('KeyQ q'),
  },
  {
    what: 'Ctrl+. of a Dvorak keyboard goes by its sign',
    system: 'other',
    layoutMap: { KeyE: '.' },
    events: underControl('KeyE', '.'),
    told: withControl('KeyE .'),
  },
  {
    what: 'Ctrl+/ of a Russian keyboard, which has a full stop there, goes by its place once Russian was typed',
    system: 'other',
    events: [...typed('KeyA', 'ф'), ...underControl('Slash', '.')],
    told: [...alone('KeyA ф'), ...withControl('Slash /')],
  },
  {
    what: 'Ctrl with a key that writes two Arabic letters goes by its place',
    system: 'other',
    events: underControl('KeyB', 'لا'),
    told: withControl('KeyB b'),
  },
]

for (const { what, system, events, told, optionKeys = 'characters', layoutMap } of rows) {
  test(`KeyTracker: ${what}`, () => {
    const known = new KnownKeys()
    if (layoutMap) known.useLayoutMap(new Map(Object.entries(layoutMap)))
    const tracker = new KeyTracker({ system, optionKeys: () => optionKeys, known })
    const heard = events.flatMap(([direction, code, key, modifiers = ''], index) => {
      const stroke: KeyStroke = {
        code,
        key,
        repeat: false,
        isComposing: false,
        ctrlKey: modifiers.includes('c'),
        altKey: modifiers.includes('a'),
        shiftKey: modifiers.includes('s'),
        metaKey: modifiers.includes('m'),
        // Windows tells the Control of AltGr at the same time as that.
        timeStamp: key === 'AltGraph' ? (index - 1) * 100 : index * 100,
      }
      return (direction === '+' ? tracker.down(stroke) : tracker.up(stroke)) ?? []
    })
    assert.deepEqual(
      heard.map(({ code, key, down }) => `${down ? '+' : '-'}${code} ${key}`),
      told,
    )
  })
}

test('KeyTracker tells Alt before a click under Option, and no character afterwards has it', () => {
  const tracker = new KeyTracker({ system: 'mac' })
  const stroke = { repeat: false, isComposing: false, ctrlKey: false, altKey: true, shiftKey: false, metaKey: false }
  assert.deepEqual(tracker.down({ ...stroke, code: 'AltLeft', key: 'Alt', timeStamp: 0 }), [])
  const alt = { type: 'key', code: 'AltLeft', key: 'Alt' }
  assert.deepEqual(tracker.settle(), [{ ...alt, down: true }])
  const at = { type: 'key', code: 'KeyL', key: '@', down: true }
  assert.deepEqual(tracker.down({ ...stroke, code: 'KeyL', key: '@', timeStamp: 9 }), [{ ...alt, down: false }, at])
})

test('keyboardSystem tells Macs and Windows from the rest', () => {
  const systems = ['MacIntel', 'iPhone', 'Win32', 'Linux x86_64', ''].map(keyboardSystem)
  assert.deepEqual(systems, ['mac', 'mac', 'windows', 'other', 'other'])
})
