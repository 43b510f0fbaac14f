import type { MicrophoneState, Voices } from '../../src/client/index.ts'
import type { VoicesModel } from '../model/voices-model.ts'
import { Icon } from '../ui/icon.tsx'

/** One's own microphone, where somebody would hear it. */
export function MicrophoneButton({ voices }: { voices: VoicesModel }) {
  const state = voices.microphone.value
  const isOn = voices.isOn.value
  if (!voices.isUseful.value && !isOn) return null
  const label = isOn ? 'Turn the microphone off' : 'Turn the microphone on'
  return (
    <button
      type="button"
      class="icon-button microphone"
      data-state={state.status}
      aria-label={label}
      title={`${label}. ${explain(state, voices.voices.value)}`}
      onClick={() => voices.toggle()}
    >
      <Icon name={state.status === 'on' || state.status === 'starting' ? 'microphone' : 'microphone-off'} />
    </button>
  )
}

/** Says that the microphone is on where the bar is folded up. */
export function LiveMicrophone({ voices }: { voices: VoicesModel }) {
  if (voices.microphone.value.status !== 'on') return null
  return (
    <span class="live-microphone" aria-hidden="true">
      <Icon name="microphone" />
    </span>
  )
}

function explain(state: MicrophoneState, voices: Voices | undefined): string {
  const { app = false, members = false } = voices?.audience ?? {}
  if (state.status === 'starting') return 'It is starting'
  if (state.status === 'paused') return `It is off for the moment. ${state.reason}`
  if ('reason' in state) return state.reason
  const tense = state.status === 'on' ? '' : 'will '
  if (app && members) return `The app and everybody here ${tense}hear you`
  if (app) return state.status === 'on' ? 'The app hears you' : 'The app will hear you'
  return state.status === 'on' ? 'Everybody here hears you' : 'Everybody here will hear you'
}
