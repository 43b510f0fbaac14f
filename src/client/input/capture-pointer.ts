import type { Clock, Timer } from '../../kernel/clock.ts'
import type { InputMessage } from '../../domain/input-event.ts'
import { fractionsIn, pictureBox } from './letterbox.ts'
import { buttonChanges } from './pointer-buttons.ts'
import { holdMs, idleGesture, type Finger, type TouchEvent, type TouchGesture, type TouchStyle } from './gesture.ts'
import { nextGesture } from './touch-gesture.ts'
import { wheelNotches } from './wheel-notches.ts'

export interface PointerCaptureOptions {
  readonly surface: HTMLElement
  readonly video: HTMLVideoElement
  readonly clock: Clock
  readonly send: (message: InputMessage) => void
  /** Somebody pressed a button or put a finger down. */
  readonly onPress: () => void
  readonly isLocked: () => boolean
  readonly touchMode: () => TouchStyle['kind']
  readonly signal: AbortSignal
}

/** The pointer of a trackpad goes faster than the finger: a thumb does not reach across the glass. */
const trackpadGain = 1.6

/** What a browser does by itself on a surface whose every move belongs to the app. */
const prevented = [
  'contextmenu',
  'mousedown',
  'mouseup',
  'click',
  'auxclick',
  'dblclick',
  'selectstart',
  'dragstart',
  'dragover',
  'drop',
  'touchstart',
] as const

/** Sends what mouse, pen, fingers and wheel do on `surface` until `signal` is aborted. */
export function capturePointer(options: PointerCaptureOptions): { clear(): void } {
  const { surface, video, clock, send, signal } = options
  let buttons = 0
  let gesture: TouchGesture = idleGesture
  let hold: Timer | undefined

  const locate = ({ clientX, clientY }: PointerEvent): Finger => {
    const box = pictureBox(video.getBoundingClientRect(), { width: video.videoWidth, height: video.videoHeight })
    return { clientX, clientY, ...fractionsIn(box, clientX, clientY, 1 / devicePixelRatio) }
  }
  const touch = (event: TouchEvent) => {
    const step = nextGesture(gesture, event, touchStyle(options.touchMode(), video))
    const began = step.gesture.kind === 'touching' && gesture.kind !== 'touching'
    gesture = step.gesture
    for (const message of step.messages) send(message)
    if (began || gesture.kind !== 'touching') hold?.cancel()
    if (began) hold = clock.after(holdMs, () => touch({ type: 'hold' }))
  }
  const move = (event: PointerEvent) => {
    const { movementX: dx, movementY: dy } = event
    if (event.pointerType === 'touch') {
      touch({ type: 'move', id: event.pointerId, finger: locate(event), atMs: event.timeStamp })
    } else if (options.isLocked()) {
      if (dx !== 0 || dy !== 0) send({ type: 'pointer-relative', dx, dy })
    } else {
      const { x, y } = locate(event)
      send({ type: 'pointer', x, y })
    }
  }
  /** Further buttons, while one is down, come as moves: so every pointer event is asked what is held. */
  const press = (event: PointerEvent) => {
    const { x, y } = options.isLocked() ? { x: undefined, y: undefined } : locate(event)
    for (const { button, down } of buttonChanges(buttons, event.buttons)) send({ type: 'button', button, down, x, y })
    buttons = event.buttons
  }

  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (event: HTMLElementEventMap[Name]) => void,
  ) => surface.addEventListener(name, listener, { signal, passive: false })

  listen('pointerdown', (event) => {
    // Prevented for a mouse, it would take away the mouse events below, and with them the say over its back button.
    if (event.pointerType === 'touch') event.preventDefault()
    options.onPress()
    if (!options.isLocked()) surface.setPointerCapture(event.pointerId)
    if (event.pointerType === 'touch') {
      touch({ type: 'down', id: event.pointerId, finger: locate(event), atMs: event.timeStamp })
    } else press(event)
  })
  // Raw updates come as the device sends them, moves only once a frame; they exist on secure pages only. In Firefox they
  // say where the pointer is and not how far it moved, which counts while it is locked.
  const hasRawUpdates = 'onpointerrawupdate' in window
  let rawMovement = false
  if (hasRawUpdates) {
    surface.addEventListener(
      'pointerrawupdate',
      (event) => {
        const raw = event as PointerEvent
        rawMovement ||= raw.movementX !== 0 || raw.movementY !== 0
        move(raw)
      },
      { signal },
    )
  }
  listen('pointermove', (event) => {
    if (!hasRawUpdates || (options.isLocked() && !rawMovement)) move(event)
    if (event.pointerType !== 'touch') press(event)
  })
  for (const name of ['pointerup', 'pointercancel'] as const) {
    listen(name, (event) => {
      if (event.pointerType !== 'touch') return press(event)
      return touch({ type: name === 'pointerup' ? 'up' : 'cancel', id: event.pointerId })
    })
  }
  listen('wheel', (event) => {
    event.preventDefault()
    const { dx, dy } = wheelNotches(event)
    if (dx !== 0 || dy !== 0) send({ type: 'wheel', dx, dy })
  })
  // No menu of the page, no selection, no scrolling by the middle button, no going back or forward by the buttons of a mouse
  // that are for that, no leaving for a file that is dropped.
  for (const name of prevented) {
    listen(name, (event) => event.preventDefault())
  }
  signal.addEventListener('abort', () => hold?.cancel(), { once: true })

  return {
    clear() {
      buttons = 0
      gesture = idleGesture
      hold?.cancel()
    },
  }
}

function touchStyle(mode: TouchStyle['kind'], video: HTMLVideoElement): TouchStyle {
  if (mode === 'direct') return { kind: 'direct' }
  const { width } = pictureBox(video.getBoundingClientRect(), { width: video.videoWidth, height: video.videoHeight })
  const pixels = width > 0 && video.videoWidth > 0 ? video.videoWidth / width : 1
  return { kind: 'trackpad', scale: pixels * trackpadGain }
}
