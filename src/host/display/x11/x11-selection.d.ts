/** The part of the `x11` package by which programs copy and paste (ICCCM, section 2). */
declare module 'x11' {
  export interface Client {
    require(name: 'fixes', answer: Answer<FixesSelections>): void
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
      values: { readonly eventMask: number },
    ): void
    InternAtom(onlyIfExists: boolean, name: string, answer: Answer<number>): void
    /** `mode` 0 replaces, 2 appends; `format` is the size of an element in bits, 8 or 32. */
    ChangeProperty(mode: 0 | 2, window: number, name: number, type: number, format: 8 | 32, data: Uint8Array): void
    DeleteProperty(window: number, name: number): void
    /** `remove` deletes what was read to its end. Offset and length count 4 bytes; any `type` is taken when it is 0. */
    GetProperty(
      remove: 0 | 1,
      window: number,
      name: number,
      type: number,
      offset: number,
      length: number,
      answer: Answer<Property>,
    ): void
    SetSelectionOwner(window: number, selection: number, time: number): void
    GetSelectionOwner(selection: number, answer: Answer<number>): void
    ConvertSelection(requestor: number, selection: number, target: number, property: number, time: number): void
    SendEvent(window: number, propagate: 0, eventMask: number, event: Uint8Array): void
  }

  export interface Property {
    /** 0 when there is no such property. */
    readonly type: number
    readonly data: Uint8Array
    readonly bytesAfter: number
  }

  export interface FixesSelections {
    readonly firstEvent: number
    SelectSelectionInput(window: number, selection: number, mask: number): void
  }

  export interface XEvent {
    readonly atom?: number
    /** Of PropertyNotify events: 0 for a new value, 1 for one that was deleted. */
    readonly state?: number
    readonly time?: number
    /** Of XFIXES SelectionNotify events: the owner's own time of the copy. */
    readonly selectionTimestamp?: number
    readonly owner?: number
    readonly requestor?: number
    readonly selection?: number
    readonly target?: number
    readonly property?: number
  }
}
