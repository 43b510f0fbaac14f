import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** Keys that do something in an app though they write nothing. */
const deeds: ReadonlySet<string> = new Set(['Enter', 'Backspace', 'Delete'])

/** Calls `onDeed` when somebody clicks the picture or types at it, though nothing of it goes to the app. */
export function useVainInput(root: RefObject<HTMLElement | null>, on: boolean, onDeed: () => void): void {
  useEffect(() => {
    if (!on) return undefined
    const end = new AbortController()
    const { signal } = end
    root.current?.querySelector('.stage')?.addEventListener('pointerdown', onDeed, { signal })
    document.addEventListener(
      'keydown',
      ({ key, target, ctrlKey, altKey, metaKey }) => {
        // Buttons and fields have their own use for keys, and the browser for those with modifiers.
        const isElsewhere = target instanceof Element && target.closest('button, input, textarea, select, dialog, a')
        if (isElsewhere || ctrlKey || altKey || metaKey) return
        if (key.length === 1 || deeds.has(key)) onDeed()
      },
      { signal },
    )
    return () => end.abort()
  }, [on])
}
