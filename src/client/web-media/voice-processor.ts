/** What an AudioWorkletGlobalScope has, as far as it is needed. */
interface WorkletScope {
  readonly sampleRate: number
  readonly AudioWorkletProcessor: new () => { readonly port: MessagePort }
  registerProcessor(name: string, processor: unknown): void
}

export const voiceProcessorName = 'porchlight-voice'

/**
 * Registers the processor that hands out what it hears, 20 ms at a time. It runs in the audio worklet, to which it travels as
 * its own text: it uses nothing from outside.
 */
export function installVoiceProcessor(scope: WorkletScope, name: string): void {
  const pieceSamples = Math.round(scope.sampleRate / 50)

  class VoiceProcessor extends scope.AudioWorkletProcessor {
    #piece = new Float32Array(pieceSamples)
    #filled = 0

    process([input]: Float32Array[][]): boolean {
      const samples = input?.[0]
      if (!samples) return true
      for (const sample of samples) {
        this.#piece[this.#filled++] = sample
        if (this.#filled < pieceSamples) continue
        this.port.postMessage(this.#piece, [this.#piece.buffer])
        this.#piece = new Float32Array(pieceSamples)
        this.#filled = 0
      }
      return true
    }
  }
  scope.registerProcessor(name, VoiceProcessor)
}
