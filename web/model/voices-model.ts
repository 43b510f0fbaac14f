import { computed, signal } from '@preact/signals'
import type { MicrophoneState, PorchlightClient, Unsubscribe, Voices } from '../../src/client/index.ts'
import type { ToastKind } from './toasts.ts'

const nobody: ReadonlySet<string> = new Set()

/** One's own microphone, who would hear it, and who speaks in the lobby now. */
export class VoicesModel {
  readonly voices = signal<Voices | undefined>(undefined)
  readonly microphone = signal<MicrophoneState>({ status: 'off' })
  /** Sessions that are heard to say something. */
  readonly speaking = computed(() => {
    const speaking = this.voices.value?.speaking ?? []
    return speaking.length > 0 ? new Set(speaking) : nobody
  })
  /** Somebody would hear what is said here. */
  readonly isUseful = computed(() => {
    const audience = this.voices.value?.audience
    return audience !== undefined && (audience.app || audience.members)
  })
  readonly isOn = computed(() => ['on', 'starting', 'paused'].includes(this.microphone.value.status))
  readonly #onMessage: (text: string, kind?: ToastKind) => void
  #client: PorchlightClient | undefined
  #stopFollowing: Unsubscribe = () => {}

  constructor({ onMessage }: { onMessage: (text: string, kind?: ToastKind) => void }) {
    this.#onMessage = onMessage
  }

  /** Follows another client. */
  use(client: PorchlightClient): void {
    this.#stopFollowing()
    this.#client = client
    this.microphone.value = client.microphone.value
    const subscriptions = [
      client.voices.subscribe((voices) => this.#hear(voices)),
      client.microphone.subscribe((state) => this.#follow(state)),
    ]
    this.#stopFollowing = () => {
      for (const end of subscriptions) end()
    }
  }

  toggle(): void {
    const microphone = this.#client?.microphone
    if (!microphone) return
    if (this.isOn.value) return microphone.turnOff()
    void microphone.turnOn()
    // On a page that may have none, nothing changes.
    if (microphone.value.status === 'unavailable') this.#onMessage(microphone.value.reason)
  }

  close(): void {
    this.#stopFollowing()
    this.#client = undefined
  }

  /** Whoever has the microphone on has to know when more people hear it. */
  #hear(voices: Voices | undefined): void {
    const before = this.voices.value?.audience.members
    this.voices.value = voices
    if (before === false && voices?.audience.members && this.isOn.value) {
      this.#onMessage('Everybody here hears your microphone from now on', 'info')
    }
  }

  /** It goes by itself only for a reason, which is said. */
  #follow(state: MicrophoneState): void {
    const wasOn = this.isOn.value
    this.microphone.value = state
    if (wasOn && (state.status === 'denied' || state.status === 'unavailable')) this.#onMessage(state.reason)
  }
}
