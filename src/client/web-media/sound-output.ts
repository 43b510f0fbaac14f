import { installModule } from './install-module.ts'
import { installSoundProcessor, soundProcessorName, type ScheduledSamples } from './sound-processor.ts'

/** What plays samples at their frames. What comes too late for all of its frames is not heard. */
export interface SoundOutput {
  play(samples: ScheduledSamples): void
}

/** By an audio worklet; piece by piece where the page's content security policy lets no program into one. */
export async function openSoundOutput(destination: AudioNode): Promise<SoundOutput> {
  const { context } = destination
  try {
    await installModule(context, installSoundProcessor, soundProcessorName)
  } catch {
    return playPieces(destination)
  }
  const node = new AudioWorkletNode(context, soundProcessorName, { numberOfInputs: 0, outputChannelCount: [2] })
  node.connect(destination)
  return {
    play: (samples) => node.port.postMessage(samples, [samples.left.buffer, samples.right.buffer]),
  }
}

/** Each piece is a source of its own, which begins at the frame where the one before has ended: costs more, sounds the same. */
function playPieces(destination: AudioNode): SoundOutput {
  const { context } = destination
  const { sampleRate } = context
  return {
    play({ atFrame, left, right }) {
      const skipped = Math.max(0, Math.ceil(context.currentTime * sampleRate) - atFrame)
      if (skipped >= left.length) return
      const buffer = new AudioBuffer({ length: left.length, numberOfChannels: 2, sampleRate })
      buffer.copyToChannel(left, 0)
      buffer.copyToChannel(right, 1)
      const source = new AudioBufferSourceNode(context, { buffer })
      source.connect(destination)
      source.start((atFrame + skipped) / sampleRate, skipped / sampleRate)
    },
  }
}
