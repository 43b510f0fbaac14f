/** Shorter ones belong to every loss. */
const leastUs = 250_000

/** Measures how long a viewer has no picture that it could show: from a loss to the next key picture that was sent. */
export class PictureGap {
  #sinceUs: number | undefined

  /** The viewer cannot go on with what it has, since this moment; the earliest counts. */
  begin(sinceUs: number): void {
    this.#sinceUs = Math.min(this.#sinceUs ?? sinceUs, sinceUs)
  }

  /** A key picture has left. How long the gap was in milliseconds, undefined when it was none worth telling. */
  end(nowUs: number): number | undefined {
    const sinceUs = this.#sinceUs
    this.#sinceUs = undefined
    if (sinceUs === undefined || nowUs - sinceUs < leastUs) return undefined
    return (nowUs - sinceUs) / 1000
  }
}
