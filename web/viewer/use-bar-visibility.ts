import { useSignal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'

const lingerMs = 3500

/** When the bar is there: at first, while somebody is at it, and for a moment after. */
export interface BarVisibility {
  readonly shown: ReadonlySignal<boolean>
  /** Shows it for a moment. */
  readonly show: () => void
  /** Keeps it there until it is let go. */
  readonly hold: (held: boolean) => void
}

export function useBarVisibility(): BarVisibility {
  const shown = useSignal(true)
  const visibility = useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let held = false
    const linger = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (!held) shown.value = false
      }, lingerMs)
    }
    return {
      shown,
      show() {
        shown.value = true
        linger()
      },
      hold(now: boolean) {
        held = now
        if (held) shown.value = true
        linger()
      },
      stop: () => clearTimeout(timer),
    }
  }, [])
  useEffect(() => {
    visibility.show()
    return visibility.stop
  }, [])
  return visibility
}
