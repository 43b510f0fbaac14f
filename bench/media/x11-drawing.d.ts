/** The drawing requests of the `x11` package that the bench's painter uses. */
declare module 'x11' {
  export interface Client {
    CreateWindow(
      ...request: [id: number, parent: number, x: number, y: number, width: number, height: number, border: number]
    ): void
    MapWindow(window: number): void
    CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void
    CreateGC(id: number, drawable: number): void
    PutImage(
      ...request: [
        format: number,
        drawable: number,
        context: number,
        width: number,
        height: number,
        x: number,
        y: number,
        leftPad: number,
        depth: number,
        data: Buffer,
      ]
    ): void
    CopyArea(
      ...request: [
        from: number,
        to: number,
        context: number,
        fromX: number,
        fromY: number,
        x: number,
        y: number,
        width: number,
        height: number,
      ]
    ): void
  }
}
