/** How many places each source holds now; a source that holds none is forgotten. */
export class PlacesOfSources {
  readonly #held = new Map<string, number>()

  heldBy(source: string): number {
    return this.#held.get(source) ?? 0
  }

  /** One more. What gives it back, which is to be called once. */
  take(source: string): () => void {
    this.#held.set(source, this.heldBy(source) + 1)
    return () => {
      const left = this.heldBy(source) - 1
      if (left > 0) this.#held.set(source, left)
      else this.#held.delete(source)
    }
  }
}
