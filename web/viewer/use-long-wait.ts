import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** True once something has been awaited for longer than that. */
export function useLongWait(isWaiting: boolean, longMs: number): boolean {
  const isLong = useSignal(false)
  useEffect(() => {
    isLong.value = false
    if (!isWaiting) return undefined
    const timer = setTimeout(() => {
      isLong.value = true
    }, longMs)
    return () => clearTimeout(timer)
  }, [isWaiting, longMs])
  return isLong.value
}
