import { useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const shownForMs = 7000

const whatFingersDo = {
  direct: 'Tap to click, hold to right-click, drag to drag, scroll and zoom with two fingers',
  trackpad: 'Push the pointer, tap to click, hold to drag; two fingers scroll, zoom, and tap to right-click',
} as const

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
