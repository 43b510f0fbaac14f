import type { Clock } from '../../kernel/clock.ts'
import { ChildError } from '../child/child-error.ts'
import { spawnChild } from '../child/spawn-child.ts'
import type { KeyboardLayout } from '../../domain/keyboard-layout.ts'
import { DisplayError } from './contract/display-error.ts'
import { partsOfLayout } from './known-layouts.ts'

export interface LayoutOptions {
  /** DISPLAY and XAUTHORITY. */
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  /** Words to put before the command: what the X server is shut in too, whose answers it reads. */
  readonly wrapper: readonly string[]
  readonly clock: Clock
}

/** Gives the display's keyboard a layout, with the keycodes that UI Events codes are mapped to. Rejects with `layout-failed`. */
export async function applyLayout(layout: KeyboardLayout, options: LayoutOptions): Promise<void> {
  const { layout: name, variant } = partsOfLayout(layout)
  const keyboard = ['-rules', 'evdev', '-model', 'pc105', '-layout', name, '-variant', variant, '-option', ''] as const
  const command = ['setxkbmap', ...keyboard] as const
  try {
    const child = await spawnChild({ ...options, command })
    const end = await child.closed
    if (end.kind === 'error') throw end.error
  } catch (error) {
    throw new DisplayError('layout-failed', explain(layout, error), { cause: error })
  }
}

function explain(layout: KeyboardLayout, error: unknown): string {
  const missing = error instanceof ChildError && error.code === 'command-not-found'
  const why = missing ? 'setxkbmap is missing; install the Debian package x11-xkb-utils' : String(error)
  return `Cannot set the keyboard layout "${layout}": ${why}`
}
