import type { Unsubscribe } from '../kernel/readable.ts'

interface Tracks {
  readonly video: MediaStreamTrack
  readonly audio: MediaStreamTrack
}

/** Shows what comes in every attached element, from one connection to the next. */
export class Playback {
  readonly #elements = new Set<HTMLVideoElement>()
  #tracks: Tracks | undefined

  attach(element: HTMLVideoElement): Unsubscribe {
    this.#elements.add(element)
    if (this.#tracks) show(element, this.#tracks)
    return () => {
      this.#elements.delete(element)
      element.srcObject = null
    }
  }

  /** Picture and sound of a new connection; an element keeps what it shows until there is a picture to show. */
  play(tracks: Tracks): void {
    const showAll = () => {
      if (this.#tracks !== tracks) return
      for (const element of this.#elements) show(element, tracks)
    }
    const isFirst = this.#tracks === undefined
    this.#tracks = tracks
    if (isFirst || !tracks.video.muted) showAll()
    else tracks.video.addEventListener('unmute', showAll, { once: true })
  }

  close(): void {
    this.#tracks = undefined
    for (const element of this.#elements) element.srcObject = null
    this.#elements.clear()
  }
}

function show(element: HTMLVideoElement, { video, audio }: Tracks): void {
  element.srcObject = new MediaStream([video, audio])
  element.play().catch((error: unknown) => {
    // Sound without a gesture of the user is refused: a picture without sound is not.
    if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
    element.muted = true
    element.play().catch(() => {})
  })
}
