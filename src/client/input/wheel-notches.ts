/** The part of a WheelEvent that says how far; `wheelDelta` is what Chromium and WebKit add to the standard. */
export interface WheelTurn {
  readonly deltaX: number
  readonly deltaY: number
  /** 0 pixels, 1 lines, 2 pages. */
  readonly deltaMode: number
  readonly wheelDeltaX?: number
  readonly wheelDeltaY?: number
}

const linesPerNotch = 3
const notchesPerPage = 8
/** About what one notch scrolls in a desktop app, so that a trackpad moves the page as far as the fingers say. */
const pixelsPerNotch = 50
/** One detent of a mouse wheel in `wheelDelta`, since Windows 95. */
const detent = 120

/** How many notches of a wheel a turn is, positive down and right; trackpads give fractions. */
export function wheelNotches(turn: WheelTurn): { readonly dx: number; readonly dy: number } {
  return {
    dx: notches(turn.deltaX, turn.deltaMode, turn.wheelDeltaX),
    dy: notches(turn.deltaY, turn.deltaMode, turn.wheelDeltaY),
  }
}

function notches(delta: number, mode: number, wheelDelta = 0): number {
  if (delta === 0) return 0
  if (mode === 1) return delta / linesPerNotch
  if (mode === 2) return delta * notchesPerPage
  // Whole detents come from a wheel, whatever number of pixels the browser makes of one.
  if (wheelDelta !== 0 && wheelDelta % detent === 0) return -wheelDelta / detent
  return delta / pixelsPerNotch
}
