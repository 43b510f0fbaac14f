import type { XConnection } from './x11/x-connection.ts'

/** Core protocol, "SETofEVENT": what happens to the windows on the root. */
const substructureNotify = 0x80000

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

async function pixelsOf(x: XConnection, window: number): Promise<number> {
  const { width, height } = await x.ask<{ readonly width: number; readonly height: number }>((answer) =>
    x.client.GetGeometry(window, answer),
  )
  return width * height
}
