/** The extensions of the `x11` package by which a display tells that its picture has changed. */
declare module 'x11' {
  export interface Client {
    require(name: 'damage', answer: Answer<Damage>): void
    require(name: 'fixes', answer: Answer<Fixes & CursorImages>): void
    GetImage(
      format: number,
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planeMask: number,
      answer: Answer<{ readonly data: Buffer }>,
    ): void
    require(name: 'xinput', answer: Answer<XInput>): void
    require(name: 'randr', answer: Answer<RandRNotify>): void
    AllocID(): number
  }

  export interface Damage {
    readonly ReportLevel: { readonly NonEmpty: 3 }
    Create(damage: number, drawable: number, level: number): void
    Subtract(damage: number, repair: number, parts: number): void
  }

  export interface Fixes {
    readonly CursorNotifyMask: { readonly DisplayCursor: 1 }
    SelectCursorInput(window: number, mask: number): void
  }

  export interface CursorImages {
    GetCursorImage(answer: Answer<CursorImage>): void
  }

  /** The pointer's picture: 32 bits a pixel, blue first, multiplied by the opacity in the fourth byte. */
  export interface CursorImage {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly xhot: number
    readonly yhot: number
    readonly cursorImage: Uint8Array
  }

  export interface XInput {
    readonly AllMasterDevices: 1
    readonly EventType: { readonly RawMotion: 17 }
    XISelectEvents(window: number, selection: { readonly deviceId: number; readonly mask: number }): void
  }

  export interface RandRNotify {
    readonly NotifyMask: { readonly ScreenChange: 1 }
    SelectInput(window: number, mask: number): void
  }
}
