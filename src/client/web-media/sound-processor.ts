/** What the processor is sent: samples, and the frame of the output that the first of them belongs to. */
export interface ScheduledSamples {
  readonly atFrame: number
  readonly left: Float32Array<ArrayBuffer>
  readonly right: Float32Array<ArrayBuffer>
}

/** What an AudioWorkletGlobalScope has, as far as it is needed. */
interface WorkletScope {
  readonly currentFrame: number
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort }
  registerProcessor(name: string, processor: unknown): void
}

export const soundProcessorName = 'porchlight-sound'

/**
 * Registers the processor that plays samples at their frames, and silence where there are none. It runs in the audio
 * worklet, to which it travels as its own text: it uses nothing from outside.
 */
export function installSoundProcessor(scope: WorkletScope, name: string): void {
  /** More than two seconds at 48 kHz; a power of two. */
  const capacity = 131_072

  class SoundProcessor extends scope.AudioWorkletProcessor {
    readonly #left = new Float32Array(capacity)
    readonly #right = new Float32Array(capacity)

    constructor() {
      super()
      this.port.addEventListener('message', ({ data }: MessageEvent<ScheduledSamples>) => this.#take(data))
      this.port.start()
    }

    #take({ atFrame, left, right }: ScheduledSamples): void {
      for (let index = 0; index < left.length; index++) {
        const ahead = atFrame + index - scope.currentFrame
        if (ahead < 0 || ahead >= capacity) continue
        const place = (atFrame + index) & (capacity - 1)
        this.#left[place] = left[index] as number
        this.#right[place] = right[index] as number
      }
    }

    process(_inputs: unknown, [output]: Float32Array[][]): boolean {
      const [left, right] = output ?? []
      if (!left || !right) return true
      for (let index = 0; index < left.length; index++) {
        const place = (scope.currentFrame + index) & (capacity - 1)
        left[index] = this.#left[place] as number
        right[index] = this.#right[place] as number
        this.#left[place] = 0
        this.#right[place] = 0
      }
      return true
    }
  }
  scope.registerProcessor(name, SoundProcessor)
}
