import type { InputMessage } from '../../wire/input/input-message.ts'

/** A finger: on the glass in CSS pixels, and as fractions of the picture. */
export interface Finger {
  readonly clientX: number
  readonly clientY: number
  readonly x: number
  readonly y: number
}

export type TouchEvent =
  | { readonly type: 'down' | 'move'; readonly id: number; readonly finger: Finger; readonly atMs: number }
  | { readonly type: 'up' | 'cancel'; readonly id: number }
  /** {@link holdMs} have passed since the finger that is down came down. */
  | { readonly type: 'hold' }

type Fingers = ReadonlyMap<number, Finger>

interface Tap {
  readonly finger: Finger
  readonly atMs: number
}

/** What the fingers on the picture are doing. */
export type TouchGesture =
  | { readonly kind: 'idle'; readonly lastTap: Tap | undefined }
  /** One finger, of which nothing more is known. */
  | { readonly kind: 'touching'; readonly id: number; readonly tap: Tap }
  | { readonly kind: 'dragging'; readonly id: number; readonly finger: Finger }
  | { readonly kind: 'scrolling'; readonly fingers: Fingers }
  /** What it was has happened; the rest of it means nothing until all fingers are gone. */
  | { readonly kind: 'spent'; readonly ids: ReadonlySet<number> }

export const idleGesture: TouchGesture = { kind: 'idle', lastTap: undefined }

/** A finger that rests this long is a right click. */
export const holdMs = 500
const slopPx = 10
const doubleTapMs = 350
const doubleTapPx = 28
/** Finger travel that scrolls as far as one notch of a wheel. */
const pixelsPerNotch = 40

export interface GestureStep {
  readonly gesture: TouchGesture
  readonly messages: readonly InputMessage[]
}

/** Tap: left click; drag: left drag; two fingers: scroll; hold: right click. */
export function nextGesture(gesture: TouchGesture, event: TouchEvent): GestureStep {
  switch (gesture.kind) {
    case 'idle':
      if (event.type !== 'down') return stay(gesture)
      return stay({ kind: 'touching', id: event.id, tap: aim(event, gesture.lastTap) })
    case 'touching':
      return whileTouching(gesture, event)
    case 'dragging':
      return whileDragging(gesture, event)
    case 'scrolling':
      return whileScrolling(gesture, event)
    case 'spent':
      return stay(whileSpent(gesture, event))
  }
}

function whileTouching(gesture: Extract<TouchGesture, { kind: 'touching' }>, event: TouchEvent): GestureStep {
  const { id, tap } = gesture
  if (event.type === 'hold') {
    return { gesture: { kind: 'spent', ids: new Set([id]) }, messages: click('right', tap.finger) }
  }
  if (event.type === 'down') {
    return stay({
      kind: 'scrolling',
      fingers: new Map([
        [id, tap.finger],
        [event.id, event.finger],
      ]),
    })
  }
  if (event.id !== id) return stay(gesture)
  switch (event.type) {
    case 'move':
      if (distancePx(tap.finger, event.finger) <= slopPx) return stay(gesture)
      return {
        gesture: { kind: 'dragging', id, finger: event.finger },
        messages: [button('left', true, tap.finger), point(event.finger)],
      }
    case 'up':
      return { gesture: { kind: 'idle', lastTap: tap }, messages: click('left', tap.finger) }
    case 'cancel':
      return stay(idleGesture)
  }
}

function whileDragging(gesture: Extract<TouchGesture, { kind: 'dragging' }>, event: TouchEvent): GestureStep {
  if (event.type === 'down') {
    const fingers = new Map([
      [gesture.id, gesture.finger],
      [event.id, event.finger],
    ])
    return { gesture: { kind: 'scrolling', fingers }, messages: [button('left', false, gesture.finger)] }
  }
  if (event.type === 'hold' || event.id !== gesture.id) return stay(gesture)
  if (event.type === 'move') return { gesture: { ...gesture, finger: event.finger }, messages: [point(event.finger)] }
  return { gesture: idleGesture, messages: [button('left', false, gesture.finger)] }
}

function whileScrolling(gesture: Extract<TouchGesture, { kind: 'scrolling' }>, event: TouchEvent): GestureStep {
  const { fingers } = gesture
  switch (event.type) {
    case 'hold':
      return stay(gesture)
    case 'down':
      return stay({ kind: 'scrolling', fingers: new Map([...fingers, [event.id, event.finger]]) })
    case 'move': {
      const before = fingers.get(event.id)
      if (!before) return stay(gesture)
      // The picture follows the middle of the fingers: down with them means scrolling up.
      const dx = (before.clientX - event.finger.clientX) / fingers.size / pixelsPerNotch
      const dy = (before.clientY - event.finger.clientY) / fingers.size / pixelsPerNotch
      return {
        gesture: { kind: 'scrolling', fingers: new Map([...fingers, [event.id, event.finger]]) },
        messages: dx === 0 && dy === 0 ? [] : [{ type: 'wheel', dx, dy }],
      }
    }
    default:
      return stay(whileSpent({ kind: 'spent', ids: new Set(fingers.keys()) }, event))
  }
}

function whileSpent(gesture: Extract<TouchGesture, { kind: 'spent' }>, event: TouchEvent): TouchGesture {
  if (event.type === 'hold' || event.type === 'move') return gesture
  const ids = new Set(gesture.ids)
  if (event.type === 'down') ids.add(event.id)
  else ids.delete(event.id)
  return ids.size === 0 ? idleGesture : { kind: 'spent', ids }
}

/** A second tap near the first hits the very same spot, so that apps see a double click. */
function aim(event: { readonly finger: Finger; readonly atMs: number }, lastTap: Tap | undefined): Tap {
  const again =
    lastTap && event.atMs - lastTap.atMs <= doubleTapMs && distancePx(lastTap.finger, event.finger) <= doubleTapPx
  return { finger: again ? lastTap.finger : event.finger, atMs: event.atMs }
}

function stay(gesture: TouchGesture): GestureStep {
  return { gesture, messages: [] }
}

function distancePx(a: Finger, b: Finger): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
}

function point({ x, y }: Finger): InputMessage {
  return { type: 'pointer', x, y }
}

function button(name: 'left' | 'right', down: boolean, { x, y }: Finger): InputMessage {
  return { type: 'button', button: name, down, x, y }
}

function click(name: 'left' | 'right', finger: Finger): InputMessage[] {
  return [point(finger), button(name, true, finger), button(name, false, finger)]
}
