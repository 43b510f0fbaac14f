import type { InputMessage } from '../../domain/input-event.ts'

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

/** What the glass is to the app. */
export type TouchStyle =
  /** The pointer is where the finger is. */
  | { readonly kind: 'direct' }
  /** The finger pushes the pointer; `scale` is how many pixels of the app's screen make a CSS pixel of the glass. */
  | { readonly kind: 'trackpad'; readonly scale: number }

export type Fingers = ReadonlyMap<number, Finger>

export interface Tap {
  readonly finger: Finger
  readonly atMs: number
  /** It came soon after another one, in the same place. */
  readonly again: boolean
}

/** What the fingers on the picture are doing. */
export type TouchGesture =
  | { readonly kind: 'idle'; readonly lastTap: Tap | undefined }
  /** One finger, of which nothing more is known. */
  | { readonly kind: 'touching'; readonly id: number; readonly tap: Tap }
  /** The left button is down. */
  | { readonly kind: 'dragging'; readonly id: number; readonly finger: Finger }
  /** Pushes the pointer of a trackpad. */
  | { readonly kind: 'steering'; readonly id: number; readonly finger: Finger }
  /** Two fingers, of which nothing more is known; `began` is where they came down. */
  | { readonly kind: 'pair'; readonly began: Fingers; readonly fingers: Fingers }
  | { readonly kind: 'scrolling'; readonly fingers: Fingers }
  /** Control is down: the wheel zooms. */
  | { readonly kind: 'pinching'; readonly fingers: Fingers }
  /** What it was has happened; the rest of it means nothing until all fingers are gone. */
  | { readonly kind: 'spent'; readonly ids: ReadonlySet<number> }

export type Gesture<Kind extends TouchGesture['kind']> = Extract<TouchGesture, { kind: Kind }>

export const idleGesture: TouchGesture = { kind: 'idle', lastTap: undefined }

/** A finger that rests this long means something else. */
export const holdMs = 500

export interface GestureStep {
  readonly gesture: TouchGesture
  readonly messages: readonly InputMessage[]
}

export function stay(gesture: TouchGesture): GestureStep {
  return { gesture, messages: [] }
}

export function spentAfter(event: { readonly id: number }, fingers: Fingers): TouchGesture {
  const ids = new Set(fingers.keys())
  ids.delete(event.id)
  return ids.size === 0 ? idleGesture : { kind: 'spent', ids }
}

export function distancePx(a: Finger, b: Finger): number {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)
}

/** A trackpad clicks where the pointer is. */
export function button(name: 'left' | 'right', down: boolean, finger: Finger, style: TouchStyle): InputMessage {
  const { x, y } = style.kind === 'direct' ? finger : { x: undefined, y: undefined }
  return { type: 'button', button: name, down, x, y }
}

export function click(name: 'left' | 'right', finger: Finger, style: TouchStyle): InputMessage[] {
  const { x, y } = finger
  const aim: InputMessage[] = style.kind === 'direct' ? [{ type: 'pointer', x, y }] : []
  return [...aim, button(name, true, finger, style), button(name, false, finger, style)]
}

/** The pointer goes to the finger, or as far as the finger went. */
export function motion(before: Finger, after: Finger, style: TouchStyle): InputMessage {
  if (style.kind === 'direct') return { type: 'pointer', x: after.x, y: after.y }
  const dx = (after.clientX - before.clientX) * style.scale
  const dy = (after.clientY - before.clientY) * style.scale
  return { type: 'pointer-relative', dx, dy }
}
