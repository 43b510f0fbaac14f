/** As much of a microphone's track as the client touches. */
export class ScriptedTrack extends EventTarget {
  enabled = true
  stopped = false

  stop(): void {
    this.stopped = true
  }

  /** It is unplugged. */
  vanish(): void {
    this.dispatchEvent(new Event('ended'))
  }
}

/** A microphone that there is, or not, when somebody says so. */
export class ScriptedMicrophone {
  readonly tracks: ScriptedTrack[] = []
  insecure = false
  /** Times it was asked for. */
  asked = 0
  #answer: PromiseWithResolvers<ScriptedTrack> | undefined

  get track(): ScriptedTrack | undefined {
    return this.tracks.at(-1)
  }

  whyNot = () => (this.insecure ? 'HTTPS is needed' : undefined)
  explain = (error: unknown) => ({ status: 'denied', reason: String(error) })

  open = (): Promise<ScriptedTrack> => {
    this.asked++
    this.#answer = Promise.withResolvers<ScriptedTrack>()
    return this.#answer.promise
  }

  /** Whoever sits there says yes. */
  allow(): ScriptedTrack {
    const track = new ScriptedTrack()
    this.tracks.push(track)
    this.#answer?.resolve(track)
    return track
  }

  deny(): void {
    this.#answer?.reject('no')
  }
}
