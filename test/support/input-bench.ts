import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Display } from '../../src/host/display/contract/display.ts'
import { openDisplay } from '../../src/host/display/open-display.ts'
import type { InputEvent, PointerButton } from '../../src/domain/input-event.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { silentLog as log } from '../../src/kernel/log.ts'
import { openProbeWindow, type ProbeWindow } from './probe-window.ts'

/** A display of 640x480 with a US keyboard, and a window on it that sees what arrives. */
export interface InputBench extends AsyncDisposable {
  readonly display: Display
  readonly probe: ProbeWindow
  /** Everything that arrives of what `send` sends; motions only when they are asked for. */
  arrivalsOf(send: () => void, options?: { motions?: boolean }): Promise<readonly string[]>
  /** Waits until no key, button or modifier is down on the server; locks may stay. */
  nothingHeld(): Promise<void>
}

export async function openInputBench(): Promise<InputBench> {
  const runtimeDirectory = await mkdtemp(join(tmpdir(), 'input-bench-'))
  const display = await openDisplay({
    runtimeDirectory,
    size: { width: 640, height: 480 },
    layout: 'us',
    log,
    clock,
  })
  const probe = await openProbeWindow(display)
  return {
    display,
    probe,
    arrivalsOf: (send, options) => arrivalsOf(display, probe, send, options),
    nothingHeld: () => nothingHeld(probe),
    async [Symbol.asyncDispose]() {
      await probe[Symbol.asyncDispose]()
      await display.close()
      await rm(runtimeDirectory, { recursive: true })
    },
  }
}

export function key(code: string, name: string, down: boolean): InputEvent {
  return { type: 'key', code, key: name, down }
}

export function button(name: PointerButton, down: boolean): InputEvent {
  return { type: 'button', button: name, down, x: undefined, y: undefined }
}

async function arrivalsOf(
  display: Display,
  probe: ProbeWindow,
  send: () => void,
  options: { motions?: boolean } = {},
): Promise<readonly string[]> {
  probe.forget()
  send()
  // What comes last tells that everything before it has come.
  const last = display.openInput()
  last.send(key('Pause', 'Pause', true))
  last.close()
  await probe.until((arrivals) => arrivals.includes('KeyRelease 127'))
  const end = probe.arrivals.indexOf('KeyPress 127')
  return probe.arrivals.slice(0, end).filter((arrival) => options.motions || !arrival.startsWith('Motion'))
}

async function nothingHeld(probe: ProbeWindow): Promise<void> {
  const locks = 0b1_0010 // CapsLock and NumLock
  const giveUpAtMs = clock.nowMs() + 3000
  for (;;) {
    const [keys, { keyMask }] = await Promise.all([probe.heldKeys(), probe.pointer()])
    const held = keyMask & ~locks
    if (keys.length === 0 && held === 0) return
    assert.ok(clock.nowMs() < giveUpAtMs, `still held: keys ${keys.join(' ')}, mask ${held.toString(2)}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
