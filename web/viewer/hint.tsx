import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const shownForMs = 7000

const whatFingersDo = {
  direct: 'Tap to click, hold to right-click, drag to drag, scroll and zoom with two fingers',
  trackpad: 'Push the pointer, tap to click, hold to drag; two fingers scroll, zoom, and tap to right-click',
} as const

/** Told to whoever types while the keyboard is nowhere. */
export function TypingHint({ captured, onTake }: { captured: ReadonlySignal<boolean>; onTake: () => void }) {
  const shown = useSignal(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyped = Array.from(event.key).length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
      if (isTyped && !captured.peek() && document.activeElement === document.body) shown.value = true
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  useSignalEffect(() => {
    if (captured.value) shown.value = false
  })
  if (!shown.value || captured.value) return null
  return (
    <div class="hint" role="status">
      Your keys do not reach the app yet. Click the picture, or{' '}
      <button type="button" class="button small" onClick={onTake}>
        Type here
      </button>
    </div>
  )
}

/** How to get out again, or what fingers do; told once, when it first matters. */
export function Hint({ captured, touch }: { captured: ReadonlySignal<boolean>; touch: 'direct' | 'trackpad' }) {
  const wasShown = useSignal(false)
  const shown = useSignal(false)
  useSignalEffect(() => {
    if (!captured.value || wasShown.peek()) return
    wasShown.value = true
    shown.value = true
  })
  useEffect(() => {
    if (!shown.value) return undefined
    const timer = setTimeout(() => {
      shown.value = false
    }, shownForMs)
    return () => clearTimeout(timer)
  }, [shown.value])
  if (!shown.value) return null
  const hasFingers = matchMedia('(pointer: coarse)').matches
  return (
    <div class="hint" role="status">
      {hasFingers ? (
        whatFingersDo[touch]
      ) : (
        <>
          Keyboard and pointer are in the app. <kbd>Ctrl</kbd> <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>Q</kbd> lets them go
        </>
      )}
    </div>
  )
}
