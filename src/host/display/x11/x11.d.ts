/** The part of the `x11` package (which has no types of its own) that is used here; see its docs/ for the rest. */
declare module 'x11' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'

  /** Called once with the server's answer. Returning true says that an error has been dealt with. */
  export type Answer<T> = (error: Error | null | undefined, value: T) => boolean

  export interface Screen {
    readonly root: number
    readonly pixel_width: number
    readonly pixel_height: number
  }

  export interface Connected {
    readonly client: Client
    readonly min_keycode: number
    readonly max_keycode: number
    readonly screen: readonly [Screen, ...Screen[]]
  }

  /** An event as it came; what else it carries depends on its type. */
  export interface XEvent {
    readonly type: number
    readonly name?: string
    /** Of XKEYBOARD events only: which one. */
    readonly xkbType?: number
    /** The window that something has happened to. */
    readonly wid?: number
    /** The bytes of the event, its header included. */
    readonly rawData: Uint8Array
  }

  export interface Client extends EventEmitter<{ error: [Error]; end: []; event: [XEvent] }> {
    require(name: 'xtest', answer: Answer<XTest & GrabControl>): void
    /** Their numbers on this server, by name: all that the client has learnt. */
    atoms: Readonly<Record<string, number>>
    require(name: 'xkb', answer: Answer<Xkb>): void
    require(name: 'randr', answer: Answer<RandR>): void
    terminate(): void
    GetInputFocus(answer: Answer<unknown>): void
    ChangeWindowAttributes(
      window: number,
      values: { readonly eventMask?: number; readonly backgroundPixel?: number },
    ): void
    ClearArea(window: number, x: number, y: number, width: number, height: number, exposures: 0 | 1): void
    GrabServer(): void
    UngrabServer(): void
    GetGeometry(drawable: number, answer: Answer<{ readonly width: number; readonly height: number }>): void
    QueryTree(window: number, answer: Answer<{ readonly children: readonly number[] }>): void
    GetWindowAttributes(
      window: number,
      answer: Answer<{ readonly mapState: number; readonly allEventMasks: number }>,
    ): void
    GetKeyboardMapping(firstKeycode: number, count: number, answer: Answer<readonly (readonly number[])[]>): void
    ChangeKeyboardMapping(firstKeycode: number, keysymsPerKeycode: number, keysyms: readonly number[]): void
    GetModifierMapping(answer: Answer<readonly (readonly number[])[]>): void
  }

  export interface XTest {
    readonly KeyPress: 2
    readonly KeyRelease: 3
    readonly ButtonPress: 4
    readonly ButtonRelease: 5
    readonly MotionNotify: 6
    /** `detail` is a keycode, a button, or for motion 1 when `x` and `y` are relative. */
    FakeInput(type: number, detail: number, delayMs: number, root: number, x: number, y: number): void
  }

  export interface GrabControl {
    /** Whether this client goes on while another one has grabbed the server. */
    GrabControl(impervious: boolean): void
  }

  export interface Xkb {
    readonly UseCoreKbd: number
    readonly firstEvent: number
    SelectEvents(device: number, which: number, clear: number, all: number, affectMap: number, map: number): void
    LatchLockState(
      device: number,
      affectModLocks: number,
      modLocks: number,
      lockGroup: boolean,
      groupLock: number,
      affectModLatches: number,
      modLatches: number,
      latchGroup: boolean,
      groupLatch: number,
    ): void
  }

  export interface RandR {
    readonly NotifyMask: { readonly ScreenChange: 1 }
    SelectInput(window: number, mask: number): void
    GetScreenResourcesCurrent(window: number, answer: Answer<ScreenResources>): void
    GetCrtcInfo(crtc: number, configTimestamp: number, answer: Answer<CrtcInfo>): void
    CreateMode(window: number, mode: ModeInfo, answer: Answer<number>): void
    DestroyMode(mode: number): void
    AddOutputMode(output: number, mode: number): void
    DeleteOutputMode(output: number, mode: number): void
    SetScreenSize(window: number, width: number, height: number, mmWidth: number, mmHeight: number): void
    SetCrtcConfig(
      crtc: number,
      timestamp: number,
      configTimestamp: number,
      x: number,
      y: number,
      mode: number,
      rotation: number,
      outputs: readonly number[],
      answer: Answer<{ readonly status: number }>,
    ): void
  }

  export interface ScreenResources {
    readonly crtcs: readonly number[]
    readonly outputs: readonly number[]
    readonly modeinfos: readonly (ModeInfo & { readonly id: number })[]
  }

  export interface CrtcInfo {
    readonly width: number
    readonly height: number
    readonly mode: number
  }

  export interface ModeInfo {
    readonly name: string
    readonly width: number
    readonly height: number
    readonly h_total: number
    readonly v_total: number
    readonly dot_clock: number
  }

  export interface Keysym {
    readonly code: number
    readonly description: string | null
  }

  export interface Options {
    readonly display: string
    readonly stream: Duplex
    readonly auth: { readonly name: string; readonly data: string }
    /** Requests are sent in batches: when one needs an answer, or when the event loop comes round. */
    readonly bufferRequests: boolean
    readonly disableBigRequests: boolean
  }

  const x11: {
    createClient(options: Options, connected: (error: Error | undefined, value: Connected) => void): Client
    readonly keySyms: Readonly<Record<string, Keysym>>
  }
  export default x11
}
