import { installModule } from './install-module.ts'
import { installVoiceProcessor, voiceProcessorName } from './voice-processor.ts'

type Piece = Float32Array<ArrayBuffer>

/** About 20 ms; it has to be a power of two. */
const scriptSamples = 1024

/**
 * Hands out what a source hears, about 20 ms at a time and for as long as its context runs: by an audio worklet, or on the page's own
 * thread where the content security policy lets no program into one.
 */
export async function hearPieces(source: AudioNode, onPiece: (piece: Piece) => void): Promise<void> {
  const { context } = source
  try {
    await installModule(context, installVoiceProcessor, voiceProcessorName)
  } catch {
    return hearByScript(source, onPiece)
  }
  const node = new AudioWorkletNode(context, voiceProcessorName, {
    outputChannelCount: [1],
    channelCount: 1,
    channelCountMode: 'explicit',
  })
  node.port.addEventListener('message', ({ data }: MessageEvent<Piece>) => onPiece(data))
  node.port.start()
  // It says nothing itself; what leads nowhere is not run everywhere.
  source.connect(node).connect(context.destination)
}

/** Deprecated by the Web Audio API for what the page's thread may do to it, and everywhere there. */
function hearByScript(source: AudioNode, onPiece: (piece: Piece) => void): void {
  const { context } = source
  const node = context.createScriptProcessor(scriptSamples, 1, 1)
  node.addEventListener('audioprocess', ({ inputBuffer }) => onPiece(inputBuffer.getChannelData(0).slice()))
  source.connect(node).connect(context.destination)
}
