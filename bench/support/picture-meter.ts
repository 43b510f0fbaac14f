/** Sees every picture that the product's page shows; in-page/install-picture-meter.ts puts it there. */
export interface PictureMeter {
  /** Begins to note pictures of this height, which are the lobby's, as soon as the page has a place for them. */
  begin(height: number): void
  /**
   * When the first of them was shown that was drawn after a moment, in milliseconds since the Unix epoch as `Date.now()` has
   * them; undefined when there is none for so long after it.
   */
  firstDrawnAfter(epochMs: number, withinMs: number): Promise<number | undefined>
}
