import type { Closable } from '../../../kernel/ending.ts'
import type { Readable, Unsubscribe } from '../../../kernel/readable.ts'
import type { KeyboardLayout } from '../../../domain/keyboard-layout.ts'
import type { Size } from '../../../domain/size.ts'
import type { InputEvent } from '../../../domain/input-event.ts'

/** A virtual display of one lobby: an X server of its own behind an authority cookie. */
export interface Display extends Closable {
  /** For instance `:51`. */
  readonly name: string
  /** Which server runs it; only Xvnc can be resized to any size. */
  readonly server: 'Xvnc' | 'Xvfb'
  readonly authorityFile: string
  /** Where its socket is; clients find it under its number. */
  readonly socket: string
  /** DISPLAY and XAUTHORITY, for whoever is to draw on it. */
  readonly env: Readonly<Record<string, string>>
  /** Resolves when a window has been shown for the first time, or with the display's end: before it there is nothing to see. */
  readonly firstWindow: Promise<void>
  /** Whether a window that is large enough to be seen is on it now. */
  hasWindows(): Promise<boolean>
  /** Whether a window manager has taken over. */
  hasManager(): Promise<boolean>
  readonly size: Readable<Size>
  /** Changes the size while everything runs on. Rejects with `resize-unsupported` where the server cannot. */
  resize(size: Size): Promise<void>
  readonly layout: Readable<KeyboardLayout>
  setLayout(layout: KeyboardLayout): Promise<void>
  /** A player's devices. What they hold down is released when they are closed, and all of it when the display ends. */
  openInput(): DisplayInput
  readonly clipboard: DisplayClipboard
}

/** What the programs on a display copy and paste. Text only. */
export interface DisplayClipboard {
  /**
   * Makes `text` what programs paste, from the clipboard and with the middle button. Resolves when a paste gives it.
   * What a program has copied stays when it is the same text, or newer than the text that is written. Rejects with
   * DisplayError `clipboard-too-large`, `connection-failed`.
   */
  write(text: string): Promise<void>
  /** Calls `listener` with each text that a program copies from now on; what is too large or no text is not told. */
  onCopy(listener: (text: string) => void): Unsubscribe
}

/** One player's keyboard and pointer on a display. `send` never throws: what cannot be done is counted and dropped. */
export interface DisplayInput {
  send(event: InputEvent): void
  /** Writes a text behind what was sent before. Resolves with true when all of it is written, with false when it cannot be. */
  write(text: string): Promise<boolean>
  /** Whether keys or buttons of this player are down. */
  readonly holding: boolean
  /** Releases all keys and buttons this player holds; idempotent. */
  close(): void
}
