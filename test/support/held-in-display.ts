import type { PointerState } from 'x11'
import type { XConnection } from '../../src/host/display/x11/x-connection.ts'

/** What is down in an X server: keycodes, and how many of the buttons 1 to 5. */
export interface HeldDown {
  readonly keys: readonly number[]
  readonly buttons: number
}

/** Asks the X server itself. */
export async function heldInDisplay(x: XConnection): Promise<HeldDown> {
  const bits = await x.ask<Uint8Array>((answer) => x.client.QueryKeymap(answer))
  const { keyMask } = await x.ask<PointerState>((answer) => x.client.QueryPointer(x.root, answer))
  const keys = Array.from({ length: 256 }, (_, code) => code).filter(
    (code) => (bits[code >> 3] ?? 0) & (1 << (code & 7)),
  )
  return { keys, buttons: bitsOf((keyMask >> 8) & 0x1f) }
}

export function isNothing({ keys, buttons }: HeldDown): boolean {
  return keys.length === 0 && buttons === 0
}

function bitsOf(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bitsOf(mask >> 1)
}
