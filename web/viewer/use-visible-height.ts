import { useEffect } from 'preact/hooks'
import type { RefObject } from 'preact'

/** Keeps an element as high as what can be seen: on some phones an on-screen keyboard covers the page and resizes nothing. */
export function useVisibleHeight(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const { visualViewport: viewport } = window
    if (!viewport) return undefined
    const fit = () => {
      // Zoomed in, the visible part is smaller because somebody wants it so.
      if (viewport.scale === 1) element.current?.style.setProperty('height', `${viewport.height}px`)
    }
    fit()
    viewport.addEventListener('resize', fit)
    return () => viewport.removeEventListener('resize', fit)
  }, [])
}
