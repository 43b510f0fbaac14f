import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** Tells the styles how high the banners are, as `--notices`, so that panels end above them. */
export function useBannersHeight(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const banners = root.current?.querySelector('.notices')
    if (!banners) return undefined
    const observer = new ResizeObserver(() => {
      const { height } = banners.getBoundingClientRect()
      root.current?.style.setProperty('--notices', `${Math.ceil(height)}px`)
    })
    observer.observe(banners)
    return () => observer.disconnect()
  }, [])
}
