/** Of an entry of the history that is there for nobody to see: how far it is behind the lobby's own. */
interface Spare {
  readonly sparePosition: number
}

/** Whether this is a browser that does so. */
export const keepsMouseHistory = / Firefox\/\d/.test(navigator.userAgent)

/** Behind the lobby's own entry: one to spare, for who clicks twice; where one stays; and one to go forward to. */
const middle = 2
const last = 3

/**
 * Firefox goes back and forward by the buttons of a mouse that are for that, and tells the page nothing of them (Mozilla's bug
 * 1933746). So the page stays in the middle of some entries of its own: from wherever it is taken among them it goes back to the
 * middle, and whoever was in the app with the mouse over the picture has clicked that button for the app. Anybody else has used
 * the browser's own buttons, and leaves for where these lead.
 */
export function guardHistory(options: {
  /** Keyboard and pointer are in the app, and the pointer is over the picture. */
  readonly isInApp: () => boolean
  readonly onClick: (button: 'back' | 'forward') => void
}): () => void {
  const { isInApp, onClick } = options
  const address = location.href
  const ending = new AbortController()
  const onMove = () => {
    // Somebody has gone to another place of the page, which is none of this.
    if (location.href !== address) return
    const position = positionOf(history.state)
    if (position === middle) return
    const isForward = position > middle
    if (isInApp()) {
      onClick(isForward ? 'forward' : 'back')
      history.go(middle - position)
    } else if (!isForward) {
      history.go(-position - 1)
    }
  }
  addEventListener('popstate', onMove, { signal: ending.signal })
  const begin = positionOf(history.state)
  // One more than is wanted here is taken away by the step back: what lies ahead of the middle is there to go forward to.
  for (let position = Math.min(begin, middle) + 1; position <= last; position++) {
    const spare: Spare = { sparePosition: position }
    history.pushState(spare, '')
  }
  history.go(middle - last)
  return () => ending.abort()
}

function positionOf(state: unknown): number {
  const isSpare = typeof state === 'object' && state !== null && 'sparePosition' in state
  return isSpare ? Number(state.sparePosition) : 0
}
