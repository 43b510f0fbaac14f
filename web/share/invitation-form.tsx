import { useSignal } from '@preact/signals'
import type { CreateInvitation } from '../../src/client/index.ts'
import { Icon } from '../ui/icon.tsx'
import { Segments } from '../ui/segments.tsx'

const roles = [
  { value: 'viewer', label: 'May watch' },
  { value: 'player', label: 'May play' },
  { value: 'agent', label: 'Is an agent' },
] as const

const hourS = 3600
const dayS = 24 * hourS
const expiries = [
  { value: String(hourS), label: '1 hour' },
  { value: String(dayS), label: '1 day' },
  { value: String(7 * dayS), label: '7 days' },
  { value: String(30 * dayS), label: '30 days' },
] as const

const uses = [
  { value: 'any', label: 'Any' },
  { value: '1', label: '1' },
  { value: '5', label: '5' },
  { value: '20', label: '20' },
] as const

const pins = [
  { value: 'none', label: 'None' },
  { value: 'made', label: 'Make one up' },
  { value: 'own', label: 'My own' },
] as const

interface InvitationFormProps {
  readonly isBusy: boolean
  readonly onCreate: (wanted: Omit<CreateInvitation, 'lobbyId'>) => void
}

/** What a new link is to allow. */
export function InvitationForm({ isBusy, onCreate }: InvitationFormProps) {
  const role = useSignal<(typeof roles)[number]['value']>('viewer')
  const expiresInS = useSignal<string>(expiries[1].value)
  const maxUses = useSignal<(typeof uses)[number]['value']>('any')
  const pin = useSignal<(typeof pins)[number]['value']>('none')
  const ownPin = useSignal('')
  const isReady = !isBusy && (pin.value !== 'own' || /^\d{4,8}$/.test(ownPin.value))
  const create = () =>
    onCreate({
      role: role.value,
      expiresInS: Number(expiresInS.value),
      ...(maxUses.value !== 'any' && { maxUses: Number(maxUses.value) }),
      ...(pin.value === 'made' && { pin: true as const }),
      ...(pin.value === 'own' && { pin: ownPin.value }),
    })
  return (
    <form
      class="invitation-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) create()
      }}
    >
      <Segments
        label="Whoever opens the link"
        value={role.value}
        options={roles}
        onChange={(value) => (role.value = value)}
      />
      <Segments
        label="The link works for"
        value={expiresInS.value}
        options={expiries}
        onChange={(value) => (expiresInS.value = value)}
      />
      <Segments
        label="How many people can use it"
        value={maxUses.value}
        options={uses}
        onChange={(value) => (maxUses.value = value)}
      />
      <Segments
        label="PIN to tell them beside the link"
        value={pin.value}
        options={pins}
        onChange={(value) => (pin.value = value)}
      />
      {pin.value === 'own' && (
        <label class="field">
          <span class="field-label">Four to eight digits</span>
          <input
            class="text-input pin-input"
            inputMode="numeric"
            autoComplete="off"
            maxLength={8}
            value={ownPin.value}
            onInput={(event) => {
              ownPin.value = event.currentTarget.value.replaceAll(/\D/g, '')
              event.currentTarget.value = ownPin.value
            }}
          />
        </label>
      )}
      <button type="submit" class="button primary" disabled={!isReady}>
        <Icon name="share" />
        Create a link
      </button>
    </form>
  )
}
