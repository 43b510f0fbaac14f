import type { InputMessage } from '../../domain/input-event.ts'
import {
  click,
  spentAfter,
  stay,
  type Finger,
  type Fingers,
  type Gesture,
  type GestureStep,
  type TouchEvent,
  type TouchStyle,
} from './gesture.ts'

/** Finger travel that turns the wheel by one notch. */
const pixelsPerNotch = 40
/** So far goes the middle of two fingers before they scroll, and their distance before they pinch. */
const scrollSlopPx = 8
const pinchSlopPx = 16

/** Two fingers: together they scroll, apart or towards each other they zoom, a tap of both is a right click. */
export function whilePair(gesture: Gesture<'pair'>, event: TouchEvent, style: TouchStyle): GestureStep {
  const { began, fingers } = gesture
  switch (event.type) {
    case 'hold':
      return stay(gesture)
    case 'down':
      return stay({ kind: 'scrolling', fingers: moved(fingers, event) })
    case 'up': {
      const [first] = began.values()
      if (!fingers.has(event.id) || !first) return stay(gesture)
      return { gesture: spentAfter(event, fingers), messages: click('right', first, style) }
    }
    case 'cancel':
      return fingers.has(event.id) ? stay(spentAfter(event, fingers)) : stay(gesture)
    case 'move': {
      if (!fingers.has(event.id)) return stay(gesture)
      const now = moved(fingers, event)
      const travelPx = Math.hypot(...middleBetween(began, now))
      const spreadPx = Math.abs(spread(now) - spread(began))
      // A finger that is told of before the other one moves the middle half as far as it changes the distance.
      if (spreadPx > pinchSlopPx && spreadPx > 2.5 * travelPx) {
        return { gesture: { kind: 'pinching', fingers: now }, messages: [control(true), ...zoom(began, now)] }
      }
      if (travelPx > scrollSlopPx && travelPx > 0.75 * spreadPx) {
        return { gesture: { kind: 'scrolling', fingers: now }, messages: scroll(began, now) }
      }
      return stay({ ...gesture, fingers: now })
    }
  }
}

export function whileScrolling(gesture: Gesture<'scrolling'>, event: TouchEvent): GestureStep {
  const { fingers } = gesture
  switch (event.type) {
    case 'hold':
      return stay(gesture)
    case 'down':
      return stay({ kind: 'scrolling', fingers: moved(fingers, event) })
    case 'move': {
      if (!fingers.has(event.id)) return stay(gesture)
      const now = moved(fingers, event)
      return { gesture: { kind: 'scrolling', fingers: now }, messages: scroll(fingers, now) }
    }
    default:
      return stay(spentAfter(event, fingers))
  }
}

export function whilePinching(gesture: Gesture<'pinching'>, event: TouchEvent): GestureStep {
  const { fingers } = gesture
  if (event.type === 'hold') return stay(gesture)
  if (event.type === 'move') {
    if (!fingers.has(event.id)) return stay(gesture)
    const now = moved(fingers, event)
    return { gesture: { kind: 'pinching', fingers: now }, messages: zoom(fingers, now) }
  }
  if (event.type === 'down') {
    const ids = new Set([...fingers.keys(), event.id])
    return { gesture: { kind: 'spent', ids }, messages: [control(false)] }
  }
  if (!fingers.has(event.id)) return stay(gesture)
  return { gesture: spentAfter(event, fingers), messages: [control(false)] }
}

function moved(fingers: Fingers, { id, finger }: { readonly id: number; readonly finger: Finger }): Fingers {
  return new Map([...fingers, [id, finger]])
}

/** How far the middle of the fingers went. */
function middleBetween(before: Fingers, after: Fingers): [dx: number, dy: number] {
  const sum = [0, 0] as [number, number]
  for (const [id, finger] of after) {
    const old = before.get(id) ?? finger
    sum[0] += (finger.clientX - old.clientX) / after.size
    sum[1] += (finger.clientY - old.clientY) / after.size
  }
  return sum
}

/** How far two fingers are from each other. */
function spread(fingers: Fingers): number {
  const [a, b] = fingers.values()
  return a && b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0
}

/** The picture follows the middle of the fingers: down with them means scrolling up. */
function scroll(before: Fingers, after: Fingers): InputMessage[] {
  const [dx, dy] = middleBetween(before, after)
  return dx === 0 && dy === 0 ? [] : [{ type: 'wheel', dx: 0 - dx / pixelsPerNotch, dy: 0 - dy / pixelsPerNotch }]
}

/** Fingers that part turn the wheel up, which makes things larger. */
function zoom(before: Fingers, after: Fingers): InputMessage[] {
  const dy = (spread(before) - spread(after)) / pixelsPerNotch
  return dy === 0 ? [] : [{ type: 'wheel', dx: 0, dy }]
}

function control(down: boolean): InputMessage {
  return { type: 'key', code: 'ControlLeft', key: 'Control', down }
}
