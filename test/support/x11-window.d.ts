/** What a window of the `x11` package can do and tell, for tests that look at what arrives in one. */
declare module 'x11' {
  export interface Client {
    AllocID(): number
    CreateWindow(
      id: number,
      parent: number,
      x: number,
      y: number,
      width: number,
      height: number,
      border: number,
      depth: number,
      windowClass: number,
      visual: number,
      values: { readonly eventMask: number; readonly overrideRedirect: boolean },
    ): void
    MapWindow(id: number): void
    SetInputFocus(id: number, revertTo: number): void
    QueryKeymap(answer: Answer<Uint8Array>): void
    QueryPointer(window: number, answer: Answer<PointerState>): void
    /** To a place of `to`; only from within a part of `from`, unless that is 0. */
    WarpPointer(
      from: number,
      to: number,
      fromX: number,
      fromY: number,
      fromWidth: number,
      fromHeight: number,
      x: number,
      y: number,
    ): void
  }

  export interface PointerState {
    readonly rootX: number
    readonly rootY: number
    /** Modifiers in the lower eight bits, buttons 1 to 5 above. */
    readonly keyMask: number
  }

  export interface XEvent {
    readonly keycode?: number
    readonly rootx?: number
    readonly rooty?: number
    /** Modifiers and buttons that were down before the event. */
    readonly buttons?: number
  }
}
