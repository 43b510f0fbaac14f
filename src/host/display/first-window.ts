import type { XConnection } from './x11/x-connection.ts'

/** Core protocol, "SETofEVENT": what happens to the windows on the root. */
const substructureNotify = 0x80000

/** Core protocol, "SETofEVENT": whoever has it is asked before a window is mapped, which one client of a display can be. */
const substructureRedirect = 0x100000

/** Core protocol, GetWindowAttributes: it and all that it is in are mapped. */
const viewable = 2

/** Smaller windows do not count: window managers keep tiny ones for purposes of their own. */
const leastPixels = 64 * 64

/** Resolves when a window is shown on the display for the first time from now on, or with the end of the connection. */
export async function firstWindow(x: XConnection): Promise<void> {
  const { promise: shown, resolve } = Promise.withResolvers<void>()
  x.onEvent(({ name, wid }) => {
    if (name !== 'MapNotify' || wid === undefined) return
    // A window that has gone already was nothing to see.
    pixelsOf(x, wid).then(
      (pixels) => pixels >= leastPixels && resolve(),
      () => {},
    )
  })
  x.tell(() => x.client.ChangeWindowAttributes(x.root, { eventMask: substructureNotify }))
  await Promise.race([shown, x.closed])
  x.tell(() => x.client.ChangeWindowAttributes(x.root, { eventMask: 0 }))
}

/** Whether a window that is large enough to be seen is shown now. Rejects with a DisplayError. */
export async function hasWindows(x: XConnection): Promise<boolean> {
  const { children } = await x.ask<{ readonly children: readonly number[] }>((answer) =>
    x.client.QueryTree(x.root, answer),
  )
  const seen = await Promise.all(
    children.map(async (window) => {
      try {
        const { mapState } = await x.ask<{ readonly mapState: number }>((answer) =>
          x.client.GetWindowAttributes(window, answer),
        )
        return mapState === viewable && (await pixelsOf(x, window)) >= leastPixels
      } catch {
        // It has gone meanwhile.
        return false
      }
    }),
  )
  return seen.some((isSeen) => isSeen)
}

/** Whether a window manager has taken over. Rejects with a DisplayError. */
export async function hasManager(x: XConnection): Promise<boolean> {
  const { allEventMasks } = await x.ask<{ readonly allEventMasks: number }>((answer) =>
    x.client.GetWindowAttributes(x.root, answer),
  )
  return (allEventMasks & substructureRedirect) !== 0
}

async function pixelsOf(x: XConnection, window: number): Promise<number> {
  const { width, height } = await x.ask<{ readonly width: number; readonly height: number }>((answer) =>
    x.client.GetGeometry(window, answer),
  )
  return width * height
}
