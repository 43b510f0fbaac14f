import { layoutFacts, type SoundLayout, type Speaker } from '../../domain/sound-layout.ts'
import { SoundError } from './sound-error.ts'

/** What a sound server has. */
export interface PulseNames {
  /** The sink that apps play to. */
  readonly sink: string
  /** The source that apps record from, and the sink whose sound it carries. */
  readonly microphone: string
  readonly microphoneSink: string
}

/** What a server is set up for. */
interface PulseSetup {
  readonly socketPath: string
  readonly cookieFile: string
  /** Of what apps play to. */
  readonly layout: SoundLayout
  /** The first number of PulseAudio's. */
  readonly version: number
}

/** Throws SoundError `bad-sink-name` for what could be read as more than a name. */
export function pulseNames(name: string): PulseNames {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
    throw new SoundError('bad-sink-name', `Cannot open sink ${JSON.stringify(name)}: letters, digits, _, - and . only`)
  }
  const microphone = `${name}-microphone`
  return { sink: name, microphone, microphoneSink: `${microphone}.voices` }
}

/**
 * The modules of a server, each with its arguments. A sink or microphone that nobody uses does nothing at all, not even 20
 * times a second; it wakes up at once. The microphone is a source in front of a monitor, as browsers offer no monitor as one.
 */
export function pulseModules(
  { sink, microphone, microphoneSink }: PulseNames,
  { socketPath, cookieFile, layout, version }: PulseSetup,
): readonly string[] {
  const source = `source_name=${microphone} source_properties=device.description=Microphone`
  return [
    'module-suspend-on-idle timeout=2',
    nullSink(sink, layoutFacts[layout].speakers, version),
    nullSink(microphoneSink, ['mono'], version),
    `module-remap-source master=${microphoneSink}.monitor channels=1 channel_map=mono ${source}`,
    // Last: whoever can connect finds everything there.
    `module-native-protocol-unix socket="${socketPath}" auth-cookie="${cookieFile}"`,
  ]
}

/**
 * A sink that plays to nobody: floating point at 48 kHz, what Opus takes. Without rewinds it works 50 ms ahead and not 2 s,
 * so that a sound is heard at once; PulseAudio has that from 15 on.
 */
function nullSink(name: string, channels: readonly (Speaker | 'mono')[], version: number): string {
  const format = `sink_name=${name} format=float32le rate=48000 channels=${channels.length} channel_map=${channels.join()}`
  return `module-null-sink ${format}${version >= 15 ? ' norewinds=yes' : ''}`
}
