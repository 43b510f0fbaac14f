import type { MicrophoneState, Voices } from '../../src/client/index.ts'
import type { VoicesModel } from '../model/voices-model.ts'
import { Icon } from '../ui/icon.tsx'

/** One's own microphone, where somebody would hear it. */
export function MicrophoneButton({ voices }: { voices: VoicesModel }) {
  const state = voices.microphone.value
  const isOn = voices.isOn.value
  if (!voices.isUseful.value && !isOn) return null
  const label = labelOf(state)
  return (
    <button
      type="button"
      class="icon-button microphone"
      data-state={state.status}
      aria-label={label}
      aria-pressed={isOn}
      title={`${label}. ${explain(state, voices.voices.value)}`}
      onClick={() => voices.toggle()}
    >
      <Icon name={state.status === 'on' || state.status === 'starting' ? 'microphone' : 'microphone-off'} />
    </button>
  )
}

function labelOf({ status }: MicrophoneState): string {
  if (status === 'on') return 'Turn the microphone off'
  if (status === 'starting') return 'The microphone is starting'
  if (status === 'paused') return 'The microphone is off for the moment'
  return 'Turn the microphone on'
}

function explain(state: MicrophoneState, voices: Voices | undefined): string {
  const { app = false, members = false } = voices?.audience ?? {}
  if ('reason' in state) return state.reason
  const tense = state.status === 'on' ? '' : 'will '
  if (app && members) return `The app and everybody here ${tense}hear you`
  if (app) return state.status === 'on' ? 'The app hears you' : 'The app will hear you'
  return state.status === 'on' ? 'Everybody here hears you' : 'Everybody here will hear you'
}
