import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ApiClient } from '../../src/client/index.ts'

/** How often a lobby that somebody looks at is looked into, in milliseconds. */
const periodMs = 4000

interface ThumbnailOptions {
  /** Undefined when nobody is to be asked. */
  readonly api: Pick<ApiClient, 'thumbnail'> | undefined
  readonly lobbyId: string
  /** Whether there is something to see in it. */
  readonly isLit: boolean
}

/**
 * The address of a small picture of what a lobby shows, kept fresh as long as the element can be seen: nobody is asked for
 * a picture that is scrolled away or in a tab behind. Undefined while there is none.
 */
export function useThumbnail(
  element: RefObject<Element | null>,
  { api, lobbyId, isLit }: ThumbnailOptions,
): string | undefined {
  const address = useSignal<string | undefined>(undefined)
  useEffect(() => {
    const target = element.current
    if (!api || !isLit || !target) return
    let isSeen = false
    let isAsking = false
    let isOver = false
    let tag: string | undefined
    const show = (picture: Blob | undefined) => {
      if (address.value !== undefined) URL.revokeObjectURL(address.value)
      address.value = picture && URL.createObjectURL(picture)
    }
    const look = async () => {
      if (!isSeen || isAsking || document.hidden) return
      isAsking = true
      try {
        const found = await api.thumbnail(lobbyId, tag)
        if (found === 'same' || isOver) return
        tag = found?.tag
        show(found?.picture)
      } catch {
        // There is nobody to ask: the window is drawn as it is without.
        tag = undefined
        if (!isOver) show(undefined)
      } finally {
        isAsking = false
      }
    }
    const observer = new IntersectionObserver((entries) => {
      isSeen = entries.at(-1)?.isIntersecting ?? false
      void look()
    })
    observer.observe(target)
    const timer = setInterval(() => void look(), periodMs)
    const onVisible = () => void look()
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      isOver = true
      observer.disconnect()
      clearInterval(timer)
      document.removeEventListener('visibilitychange', onVisible)
      show(undefined)
    }
  }, [api, lobbyId, isLit])
  return address.value
}
