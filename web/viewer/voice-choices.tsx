import type { LobbyView, VoiceChoice } from '../../src/client/index.ts'
import { Segments } from '../ui/segments.tsx'

const choices = [
  { value: 'app', label: 'The app' },
  { value: 'players', label: 'Players' },
  { value: 'everybody', label: 'Everybody' },
] as const

const explanations: Readonly<Record<VoiceChoice, string>> = {
  app: 'The app hears those who may play, and nobody else does.',
  players: 'Those who may play are heard by the app and by everybody here.',
  everybody: 'Everybody here hears everybody. The app hears those who may play.',
}

/** The owner's choice: whose microphones are heard, and by whom. */
export function VoiceChoices({ lobby, onChange }: { lobby: LobbyView; onChange: (voice: VoiceChoice) => void }) {
  return (
    <div class="voice-choices">
      <Segments label="Microphones are for" value={lobby.voice} options={choices} onChange={onChange} />
      <p class="settings-note">{explanations[lobby.voice]}</p>
    </div>
  )
}
