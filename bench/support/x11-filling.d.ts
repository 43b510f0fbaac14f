/** What the moving field draws with, beside what others do. */
declare module 'x11' {
  export interface Client {
    CreateGC(id: number, drawable: number, values: { readonly foreground: number }): void
    /** x, y, width and height of each rectangle, one after the other. */
    PolyFillRectangle(drawable: number, context: number, rectangles: readonly number[]): void
  }
}
