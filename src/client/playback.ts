import type { Unsubscribe } from '../kernel/readable.ts'

/** Shows what comes in every attached element, from one connection to the next. */
export class Playback {
  readonly #elements = new Set<HTMLVideoElement>()
  #stream: MediaStream | undefined

  attach(element: HTMLVideoElement): Unsubscribe {
    this.#elements.add(element)
    if (this.#stream) show(element, this.#stream)
    return () => {
      this.#elements.delete(element)
      element.srcObject = null
    }
  }

  /** Picture and sound of a new connection; the last picture of the one before stays until there is one to show. */
  play(video: MediaStreamTrack, audio: MediaStreamTrack): void {
    const stream = new MediaStream([video, audio])
    const showAll = () => {
      if (this.#stream !== stream) return
      for (const element of this.#elements) show(element, stream)
    }
    const isFirst = this.#stream === undefined
    this.#stream = stream
    if (isFirst || !video.muted) showAll()
    else video.addEventListener('unmute', showAll, { once: true })
  }

  close(): void {
    this.#stream = undefined
    for (const element of this.#elements) element.srcObject = null
    this.#elements.clear()
  }
}

function show(element: HTMLVideoElement, stream: MediaStream): void {
  element.srcObject = stream
  element.play().catch((error: unknown) => {
    // Sound without a gesture of the user is refused: a picture without sound is not.
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
    element.muted = true
    element.play().catch(() => {})
  })
}
