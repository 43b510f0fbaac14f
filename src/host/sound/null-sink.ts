import { SoundDevice, type SoundModule } from './sound-device.ts'
import type { AudioSink } from './sound-server.ts'

/**
 * Arguments of a sink that plays to nobody: floating point at 48 kHz, what Opus takes. Without rewinds it works 50 ms ahead and
 * not 2 s, so that a sound is heard at once; PulseAudio has that from 15 on.
 */
export function nullSinkModule(name: string, channels: 'stereo' | 'mono'): SoundModule {
  const count = channels === 'stereo' ? 2 : 1
  const format = `sink_name=${name} format=float32le rate=48000 channels=${count} channel_map=${channels}`
  return { name: 'module-null-sink', arguments: [`${format} norewinds=yes`, format] }
}

/** A sink that plays to nobody; what it is given can be taken from its monitor. */
export class NullSink extends SoundDevice implements AudioSink {
  readonly monitor: string
  readonly env: Readonly<Record<string, string>>

  constructor(name: string, serverEnv: Readonly<Record<string, string>>, unload: () => Promise<void>) {
    super(name, unload)
    this.monitor = `${name}.monitor`
    this.env = { ...serverEnv, PULSE_SINK: name }
  }

  get modules(): readonly SoundModule[] {
    return [nullSinkModule(this.name, 'stereo')]
  }
}
