import { nullSinkModule } from './null-sink.ts'
import { SoundDevice, type SoundModule } from './sound-device.ts'
import type { AudioMicrophone } from './sound-server.ts'

/**
 * A source that carries what is played to a sink of its own, and silence otherwise. It is a source in front of that sink's monitor,
 * as browsers offer no monitor as a microphone.
 */
export class VirtualMicrophone extends SoundDevice implements AudioMicrophone {
  readonly sink: string
  readonly env: Readonly<Record<string, string>>

  constructor(name: string, unload: () => Promise<void>) {
    super(name, unload)
    this.sink = `${name}.voices`
    this.env = { PULSE_SOURCE: name }
  }

  get modules(): readonly SoundModule[] {
    const source = `source_name=${this.name} source_properties=device.description=Microphone`
    const format = `master=${this.sink}.monitor channels=1 channel_map=mono`
    return [nullSinkModule(this.sink, 'mono'), { name: 'module-remap-source', arguments: [`${format} ${source}`] }]
  }
}
