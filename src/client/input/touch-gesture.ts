import {
  button,
  click,
  distancePx,
  idleGesture,
  motion,
  stay,
  type Gesture,
  type GestureStep,
  type Tap,
  type TouchEvent,
  type TouchGesture,
  type TouchStyle,
} from './gesture.ts'
import { whilePair, whilePinching, whileScrolling } from './several-fingers.ts'

const slopPx = 10
const doubleTapMs = 350
const doubleTapPx = 28

/**
 * What fingers mean. Tap: left click. Two fingers: scroll, pinch to zoom, tap to right-click. Direct: drag to drag, hold to
 * right-click. Trackpad: one finger pushes the pointer; hold, or tap and go on, to drag.
 */
export function nextGesture(gesture: TouchGesture, event: TouchEvent, style: TouchStyle): GestureStep {
  switch (gesture.kind) {
    case 'idle':
      if (event.type !== 'down') return stay(gesture)
      return stay({ kind: 'touching', id: event.id, tap: aim(event, gesture.lastTap) })
    case 'touching':
      return whileTouching(gesture, event, style)
    case 'dragging':
      return whileDragging(gesture, event, style)
    case 'steering':
      return whileSteering(gesture, event, style)
    case 'pair':
      return whilePair(gesture, event, style)
    case 'scrolling':
      return whileScrolling(gesture, event)
    case 'pinching':
      return whilePinching(gesture, event)
    case 'spent':
      return stay(whileSpent(gesture, event))
  }
}

function whileTouching(gesture: Gesture<'touching'>, event: TouchEvent, style: TouchStyle): GestureStep {
  const { id, tap } = gesture
  const { finger } = tap
  if (event.type === 'hold') {
    if (style.kind === 'direct') {
      return { gesture: { kind: 'spent', ids: new Set([id]) }, messages: click('right', finger, style) }
    }
    return { gesture: { kind: 'dragging', id, finger }, messages: [button('left', true, finger, style)] }
  }
  if (event.type === 'down') {
    const fingers = new Map([
      [id, finger],
      [event.id, event.finger],
    ])
    return stay({ kind: 'pair', began: fingers, fingers })
  }
  if (event.id !== id) return stay(gesture)
  switch (event.type) {
    case 'move': {
      if (distancePx(finger, event.finger) <= slopPx) return stay(gesture)
      const begun = motion(finger, event.finger, style)
      if (style.kind === 'trackpad' && !tap.again) {
        return { gesture: { kind: 'steering', id, finger: event.finger }, messages: [begun] }
      }
      return {
        gesture: { kind: 'dragging', id, finger: event.finger },
        messages: [button('left', true, finger, style), begun],
      }
    }
    case 'up':
      return { gesture: { kind: 'idle', lastTap: tap }, messages: click('left', finger, style) }
    case 'cancel':
      return stay(idleGesture)
  }
}

function whileDragging(gesture: Gesture<'dragging'>, event: TouchEvent, style: TouchStyle): GestureStep {
  const released = button('left', false, gesture.finger, style)
  if (event.type === 'down') return { gesture: scrollingWith(gesture, event), messages: [released] }
  if (event.type === 'hold' || event.id !== gesture.id) return stay(gesture)
  if (event.type !== 'move') return { gesture: idleGesture, messages: [released] }
  return { gesture: { ...gesture, finger: event.finger }, messages: [motion(gesture.finger, event.finger, style)] }
}

function whileSteering(gesture: Gesture<'steering'>, event: TouchEvent, style: TouchStyle): GestureStep {
  if (event.type === 'down') return stay(scrollingWith(gesture, event))
  if (event.type === 'hold' || event.id !== gesture.id) return stay(gesture)
  if (event.type !== 'move') return stay(idleGesture)
  return { gesture: { ...gesture, finger: event.finger }, messages: [motion(gesture.finger, event.finger, style)] }
}

function scrollingWith(
  { id, finger }: Gesture<'dragging' | 'steering'>,
  event: Extract<TouchEvent, { type: 'down' | 'move' }>,
): TouchGesture {
  const fingers = new Map([
    [id, finger],
    [event.id, event.finger],
  ])
  return { kind: 'scrolling', fingers }
}

function whileSpent(gesture: Gesture<'spent'>, event: TouchEvent): TouchGesture {
  if (event.type === 'hold' || event.type === 'move') return gesture
  if (event.type === 'down') return { kind: 'spent', ids: new Set([...gesture.ids, event.id]) }
  const ids = new Set(gesture.ids)
  ids.delete(event.id)
  return ids.size === 0 ? idleGesture : { kind: 'spent', ids }
}

/** A second tap near the first hits the very same spot, so that apps see a double click. */
function aim(event: Extract<TouchEvent, { type: 'down' | 'move' }>, lastTap: Tap | undefined): Tap {
  const { finger, atMs } = event
  const again =
    lastTap !== undefined && atMs - lastTap.atMs <= doubleTapMs && distancePx(lastTap.finger, finger) <= doubleTapPx
  return { finger: again ? lastTap.finger : finger, atMs, again }
}
