import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** Tells the styles how high the notices are, as `--notices`, so that panels end above them. */
export function useNoticesHeight(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const notices = root.current?.querySelector('.notices')
    if (!notices) return undefined
    const observer = new ResizeObserver(() => {
      const { height } = notices.getBoundingClientRect()
      root.current?.style.setProperty('--notices', `${Math.ceil(height)}px`)
    })
    observer.observe(notices)
    return () => observer.disconnect()
  }, [])
}
