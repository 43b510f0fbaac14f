import type { CrtcInfo, ModeInfo, ScreenResources } from 'x11'
import { DisplayError } from './contract/display-error.ts'
import { type Size, sameSize, sizeText } from '../../domain/size.ts'
import type { XConnection } from './x11/x-connection.ts'

/** RANDR, "CONFIGSTATUS": the configuration was taken. */
const success = 0
/** RANDR, "ROTATION": not rotated. */
const upright = 1
/** Begins the names of the modes made here, by which they are found again when they are no longer needed. */
const modePrefix = 'porchlight-'

/** What a screen shows: a mode in its size. */
interface Configuration {
  readonly mode: number
  readonly size: Size
}

/**
 * Gives the one screen of an X server another size (RANDR 1.2); the server reports it when this resolves. When the
 * server does not take it, the screen stays as it was. Rejects with {@link DisplayError}: `resize-failed`,
 * `request-failed`, `connection-failed`.
 */
export async function resizeScreen(x: XConnection, size: Size): Promise<void> {
  const resources = await screenResources(x)
  const [crtc] = resources.crtcs
  const [output] = resources.outputs
  if (crtc === undefined || output === undefined) {
    throw new DisplayError('resize-failed', 'Cannot resize the display: its server has no screen to configure')
  }
  const before = await currentConfiguration(x, crtc)
  if (sameSize(before.size, size)) return
  const mode = await provideMode(x, resources, size)
  x.tell(() => x.randr.AddOutputMode(output, mode))
  const taken = await configure(x, crtc, output, { mode, size })
  if (!taken) await configure(x, crtc, output, before)
  const after = await currentConfiguration(x, crtc)
  await removeModesExcept(x, after.mode, output)
  if (!taken || !sameSize(after.size, size)) {
    throw new DisplayError(
      'resize-failed',
      `Cannot resize the display to ${sizeText(size)}: it stays at ${sizeText(after.size)}`,
    )
  }
}

function screenResources(x: XConnection): Promise<ScreenResources> {
  return x.ask((answer) => x.randr.GetScreenResourcesCurrent(x.root, answer))
}

async function currentConfiguration(x: XConnection, crtc: number): Promise<Configuration> {
  const { mode, width, height } = await x.ask<CrtcInfo>((answer) => x.randr.GetCrtcInfo(crtc, 0, answer))
  return { mode, size: { width, height } }
}

async function provideMode(x: XConnection, resources: ScreenResources, size: Size): Promise<number> {
  const name = modePrefix + sizeText(size)
  const present = resources.modeinfos.find((mode) => mode.name === name)
  if (present) return present.id
  // Timings mean nothing to a virtual screen, and a dot clock of 0 says so.
  const mode: ModeInfo = { name, ...size, h_total: size.width, v_total: size.height, dot_clock: 0 }
  return x.ask<number>((answer) => x.randr.CreateMode(x.root, mode, answer))
}

/** True when the server took it. */
async function configure(x: XConnection, crtc: number, output: number, to: Configuration): Promise<boolean> {
  const { randr, client, root } = x
  const setCrtc = (mode: number, outputs: readonly number[]) =>
    x.ask<{ readonly status: number }>((answer) =>
      randr.SetCrtcConfig(crtc, 0, 0, 0, 0, mode, upright, outputs, answer),
    )
  const { width, height } = to.size
  // A screen never shrinks below what it shows, so it shows nothing for a moment that nobody else gets to see.
  x.tell(() => client.GrabServer())
  const off = setCrtc(0, [])
  x.tell(() => randr.SetScreenSize(root, width, height, millimetres(width), millimetres(height)))
  const on = setCrtc(to.mode, [output])
  x.tell(() => client.UngrabServer())
  const [, { status }] = await Promise.all([off, on])
  return status === success
}

async function removeModesExcept(x: XConnection, current: number, output: number): Promise<void> {
  for (const mode of (await screenResources(x)).modeinfos) {
    if (!mode.name.startsWith(modePrefix) || mode.id === current) continue
    x.tell(() => {
      x.randr.DeleteOutputMode(output, mode.id)
      x.randr.DestroyMode(mode.id)
    })
  }
}

/** The physical size at 96 dots an inch. */
function millimetres(pixels: number): number {
  return Math.round((pixels * 25.4) / 96)
}
