import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openTerminal, type Terminal } from '../../../../test/support/terminal.ts'
import { systemClock as clock } from '../../../kernel/clock.ts'
import { silentLog as log } from '../../../kernel/log.ts'
import type { Display, DisplayInput } from '../contract/display.ts'
import { openDisplay } from '../open-display.ts'

/** What a player's keyboard sends: `[code, key]` for a stroke, `+[...]` for down, `-[...]` for up. */
type Stroke = readonly [code: string, key: string]

/** Each layout has a display of its own, beside the others: most of the time is waiting for a terminal. */
describe('typing', { concurrency: 4 }, () => {
  for (const layout of ['us', 'de', 'fr', 'ru']) testLayout(layout)
})

function testLayout(layout: string): void {
  describe(`on a display with layout ${layout}`, { concurrency: 1 }, () => {
    let runtimeDirectory: string
    let display: Display
    let terminal: Terminal
    let input: DisplayInput

    before(async () => {
      runtimeDirectory = await mkdtemp(join(tmpdir(), 'typing-'))
      display = await openDisplay({ runtimeDirectory, size: { width: 1280, height: 720 }, layout, log, clock })
      terminal = await openTerminal(display)
      input = display.openInput()
    })
    after(async () => {
      await terminal[Symbol.asyncDispose]()
      await display.close()
      await rm(runtimeDirectory, { recursive: true })
    })

    const down = ([code, key]: Stroke) => input.send({ type: 'key', code, key, down: true })
    const up = ([code, key]: Stroke) => input.send({ type: 'key', code, key, down: false })
    const type = (...strokes: Stroke[]) => {
      for (const stroke of strokes) {
        down(stroke)
        up(stroke)
      }
    }

    /** Asserts that this, and nothing else, is what the program in the terminal gets. */
    async function writes(wanted: string, send: () => void): Promise<void> {
      await terminal.forget()
      send()
      assert.equal(await terminal.expect(wanted), wanted)
    }

    it('writes what a US keyboard says', async () => {
      await writes('Hello, [World]!', () => {
        down(['ShiftLeft', 'Shift'])
        type(['KeyH', 'H'])
        up(['ShiftLeft', 'Shift'])
        type(['KeyE', 'e'], ['KeyL', 'l'], ['KeyL', 'l'], ['KeyO', 'o'], ['Comma', ','], ['Space', ' '])
        type(['BracketLeft', '['])
        down(['ShiftRight', 'Shift'])
        type(['KeyW', 'W'])
        up(['ShiftRight', 'Shift'])
        type(['KeyO', 'o'], ['KeyR', 'r'], ['KeyL', 'l'], ['KeyD', 'd'], ['BracketRight', ']'])
        down(['ShiftLeft', 'Shift'])
        type(['Digit1', '!'])
        up(['ShiftLeft', 'Shift'])
      })
    })

    it('writes what a German keyboard says, with AltGr and dead keys', async () => {
      await writes('zyäß@€{éÂ´x', () => {
        type(['KeyY', 'z'], ['KeyZ', 'y'], ['Quote', 'ä'], ['Minus', 'ß'])
        down(['AltRight', 'AltGraph'])
        type(['KeyQ', '@'], ['KeyE', '€'], ['Digit7', '{'])
        up(['AltRight', 'AltGraph'])
        type(['Equal', 'Dead'], ['KeyE', 'é'], ['Backquote', 'Dead'])
        down(['ShiftLeft', 'Shift'])
        type(['KeyA', 'Â'])
        up(['ShiftLeft', 'Shift'])
        type(['Equal', 'Dead'], ['Space', '´'], ['KeyX', 'x'])
      })
    })

    it('writes what a French keyboard says, digits with Shift', async () => {
      await writes('azqwmé&à123§', () => {
        type(['KeyQ', 'a'], ['KeyW', 'z'], ['KeyA', 'q'], ['KeyZ', 'w'], ['Semicolon', 'm'])
        type(['Digit2', 'é'], ['Digit1', '&'], ['Digit0', 'à'])
        down(['ShiftLeft', 'Shift'])
        type(['Digit1', '1'], ['Digit2', '2'], ['Digit3', '3'], ['Slash', '§'])
        up(['ShiftLeft', 'Shift'])
      })
    })

    it('writes capitals when CapsLock is on at the player, whatever it is here', async () => {
      await writes('ABabÉé1', () => {
        type(['KeyA', 'A'], ['KeyB', 'B'], ['KeyA', 'a'], ['KeyB', 'b'], ['', 'É'], ['', 'é'], ['Digit1', '1'])
      })
      await writes('XYxyÄ', () => {
        type(['CapsLock', 'CapsLock'], ['KeyX', 'X'], ['', 'Y'], ['KeyX', 'x'], ['', 'y'], ['', 'Ä'])
      })
    })

    it('writes digits of the keypad, and moves with it', async () => {
      await writes('405\x1b[D6', () => {
        type(['Numpad4', '4'], ['Numpad0', '0'], ['Numpad5', '5'], ['Numpad4', 'ArrowLeft'], ['Numpad6', '6'])
      })
    })

    it('hands commands to the app as they were meant', async () => {
      await writes('\x01\x1a\x03', () => {
        down(['ControlLeft', 'Control'])
        type(['KeyQ', 'a'], ['KeyY', 'z'], ['KeyC', 'c'])
        up(['ControlLeft', 'Control'])
      })
    })

    it('hands commands of keyboards without Latin letters to the app by the place of the key', async () => {
      await writes('\x03\x1a\x12\x16æ', () => {
        down(['ControlLeft', 'Control'])
        type(['KeyC', 'с'], ['KeyZ', 'ζ'], ['KeyR', 'ר'], ['KeyV', 'ㅍ'])
        up(['ControlLeft', 'Control'])
        down(['AltLeft', 'Alt'])
        type(['KeyF', 'а'])
        up(['AltLeft', 'Alt'])
      })
    })

    it('hands Control with AltGr to the app as on the machine itself', async () => {
      down(['ControlLeft', 'Control'])
      // Together they would be the Control and AltGr of Windows.
      await pause(50)
      await writes('\x1d\x1c@', () => {
        down(['AltRight', 'AltGraph'])
        type(['Digit9', ']'], ['Minus', '\\'])
        up(['ControlLeft', 'Control'])
        type(['KeyQ', '@'])
        up(['AltRight', 'AltGraph'])
      })
    })

    it('writes any text, in order, with nothing lost', async () => {
      const scripts =
        'Füchse löpen çà et là; Жы ёж, 漢字かな交じり文, ελληνικά, 한국어, עברית, € £ … “so” – 😀👩‍🚀\n\tend'
      // A terminal takes the line feed for its Enter key.
      await writes(scripts.replace('\n', '\r'), () => input.send({ type: 'text', text: scripts }))
      await writes('a\rb\rc\r', () => input.send({ type: 'text', text: 'a\r\nb\rc\n\0' }))
    })

    it('writes keys after a text after it, even while it is still being written', async () => {
      const text = Array.from({ length: 150 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')
      await writes(`${text}x漢y`, () => {
        input.send({ type: 'text', text })
        type(['KeyX', 'x'], ['', '漢'], ['KeyY', 'y'])
      })
    })

    it('writes a long text of many different characters', async () => {
      const text = Array.from({ length: 400 }, (_, index) => String.fromCodePoint(0x4e00 + (index % 150))).join('')
      await writes(text, () => input.send({ type: 'text', text }))
      const plain = 'The quick brown fox jumps over the lazy dog. '.repeat(200)
      await writes(plain, () => input.send({ type: 'text', text: plain }))
    })

    it('writes a text without modifiers that are held', async () => {
      await writes('Ab', () => {
        down(['ControlLeft', 'Control'])
        down(['ShiftLeft', 'Shift'])
        input.send({ type: 'text', text: 'Ab' })
        up(['ShiftLeft', 'Shift'])
        up(['ControlLeft', 'Control'])
      })
    })

    it('notices when somebody on the display changes the layout', async () => {
      await promisify(execFile)('setxkbmap', ['-layout', layout === 'us' ? 'de' : 'us'], {
        env: { ...process.env, ...display.env },
      })
      // Until it has read the new keyboard it may write by the old one.
      let typed = ''
      for (let attempt = 0; attempt < 5 && typed !== 'yz/é'; attempt++) {
        await terminal.forget()
        type(['KeyY', 'y'], ['KeyZ', 'z'], ['Slash', '/'], ['Digit2', 'é'])
        typed = await terminal.expect('yz/é', 1000)
      }
      await writes('zy漢é', () => type(['KeyY', 'z'], ['KeyZ', 'y'], ['', '漢'], ['', 'é']))
      await display.setLayout(layout)
      await writes('yz漢é', () => type(['KeyY', 'y'], ['KeyZ', 'z'], ['', '漢'], ['', 'é']))
    })
  })
}
