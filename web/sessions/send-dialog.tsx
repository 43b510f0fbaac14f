import { useSignal } from '@preact/signals'
import type { SessionView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'

const waitingRoom = ''

interface SendDialogProps {
  readonly host: HostModel
  readonly session: SessionView
  readonly onClose: () => void
}

/** Where a session is to go, and what its viewer is told. */
export function SendDialog({ host, session, onClose }: SendDialogProps) {
  const { id, name, role, lobbyId } = session
  const others = host.lobbies.value.filter((lobby) => lobby.id !== lobbyId)
  const target = useSignal(others[0]?.id ?? waitingRoom)
  const reason = useSignal('')
  /** Their link is for another lobby: the owner is asked whether this one is to be opened to them. */
  const needsAdmission = useSignal<string | undefined>(undefined)
  const send = async (admit: boolean) => {
    const outcome = await host.sendSession(id, {
      lobbyId: target.value === waitingRoom ? null : target.value,
      admit,
      ...(reason.value.trim() !== '' && { reason: reason.value.trim() }),
    })
    if (outcome === 'sent') onClose()
    if (outcome !== undefined && outcome !== 'sent') needsAdmission.value = outcome.refused
  }
  return (
    <Dialog title={`Send ${name} elsewhere`} onClose={onClose}>
      <form
        class="send-form"
        onSubmit={(event) => {
          event.preventDefault()
          void send(needsAdmission.value !== undefined)
        }}
      >
        <fieldset class="choice-list">
          <legend class="field-label">Where to</legend>
          {others.map((lobby) => (
            <Choice
              key={lobby.id}
              target={target}
              value={lobby.id}
              label={lobby.title}
              onChange={() => (needsAdmission.value = undefined)}
            />
          ))}
          {lobbyId !== null && (
            <Choice
              target={target}
              value={waitingRoom}
              label="The waiting room"
              onChange={() => (needsAdmission.value = undefined)}
            />
          )}
          {others.length === 0 && lobbyId === null && <p>There is no lobby to send anybody to.</p>}
        </fieldset>
        <label class="field">
          <span class="field-label">Why, for {name} to read (optional)</span>
          <input
            class="text-input"
            maxLength={200}
            value={reason.value}
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
        </label>
        {needsAdmission.value !== undefined && (
          <p class="send-admission" role="alert">
            <Icon name="lock" />
            The link of {name} is for another lobby. Sending opens this one to them too, as {role}, for as long as their
            link holds.
          </p>
        )}
        <button type="submit" class="button primary" disabled={others.length === 0 && lobbyId === null}>
          <Icon name="send" />
          {needsAdmission.value === undefined ? 'Send' : 'Let them in and send'}
        </button>
      </form>
    </Dialog>
  )
}

interface ChoiceProps {
  readonly target: { value: string }
  readonly value: string
  readonly label: string
  readonly onChange: () => void
}

function Choice({ target, value, label, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type="radio"
        name="target"
        checked={target.value === value}
        onChange={() => {
          target.value = value
          onChange()
        }}
      />
      <span>{label}</span>
    </label>
  )
}
