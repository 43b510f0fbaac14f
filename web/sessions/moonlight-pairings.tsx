import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { MoonlightPairing } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { describeMoment } from '../ui/describe-moment.ts'
import { Dialog } from '../ui/dialog.tsx'

interface MoonlightPairingsProps {
  readonly host: HostModel
  readonly onError: (error: unknown) => void
  /** A client was let in. */
  readonly onPaired: () => void
}

/** Whoever pairs stands in front of both: they look here within seconds of having asked there. */
const lookEveryMs = 2000

/** Moonlight clients that show a PIN and wait for it to be typed here. Nothing while there is none. */
export function MoonlightPairings({ host, onError, onPaired }: MoonlightPairingsProps) {
  const { api } = host
  const waiting = useSignal<readonly MoonlightPairing[]>([])
  const chosen = useSignal<MoonlightPairing | undefined>(undefined)
  const look = async () => {
    try {
      waiting.value = (await api.moonlight()).pairings
    } catch {
      // The page says elsewhere when the host cannot be asked.
    }
  }
  const refuse = async (id: string) => {
    try {
      await api.refuseMoonlightPairing(id)
    } catch (error) {
      onError(error)
    }
    await look()
  }
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), lookEveryMs)
    return () => clearInterval(timer)
  }, [])
  if (waiting.value.length === 0) return null
  const nowMs = Date.now()
  return (
    <section class="sessions" aria-labelledby="moonlight">
      <h2 id="moonlight">Moonlight</h2>
      <ul class="session-list">
        {waiting.value.map((pairing) => (
          <li key={pairing.id} class="session-row">
            <span class="dot orange" />
            <div class="session-who">
              <h3>A client at {pairing.address}</h3>
              <p>It shows a PIN and waits, since {describeMoment(pairing.since, nowMs)}</p>
            </div>
            <div class="session-actions">
              <button type="button" class="button small primary" onClick={() => (chosen.value = pairing)}>
                Type its PIN
              </button>
              <button type="button" class="button small" onClick={() => void refuse(pairing.id)}>
                Send away
              </button>
            </div>
          </li>
        ))}
      </ul>
      {chosen.value && (
        <PinDialog
          host={host}
          pairing={chosen.value}
          onError={onError}
          onClose={(isTyped) => {
            chosen.value = undefined
            void look()
            // The client takes a moment to prove what it knows.
            if (isTyped) setTimeout(onPaired, lookEveryMs)
          }}
        />
      )}
    </section>
  )
}

interface PinDialogProps {
  readonly host: HostModel
  readonly pairing: MoonlightPairing
  readonly onError: (error: unknown) => void
  readonly onClose: (isTyped: boolean) => void
}

function PinDialog({ host, pairing, onError, onClose }: PinDialogProps) {
  const pin = useSignal('')
  const name = useSignal('TV')
  const type = async () => {
    try {
      await host.api.typeMoonlightPin(pairing.id, { pin: pin.value, name: name.value.trim() })
      onClose(true)
    } catch (error) {
      onError(error)
      onClose(false)
    }
  }
  return (
    <Dialog title="Let a Moonlight client in" onClose={() => onClose(false)}>
      <form
        class="send-form"
        onSubmit={(event) => {
          event.preventDefault()
          void type()
        }}
      >
        <p>
          Only type a PIN that you see on a screen of your own: the client at {pairing.address} may do everything that
          you may, until you revoke it.
        </p>
        <label class="field">
          <span class="field-label">PIN</span>
          <input
            class="text-input"
            inputMode="numeric"
            autocomplete="off"
            pattern="[0-9]{4}"
            maxLength={4}
            required
            value={pin.value}
            onInput={(event) => (pin.value = event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field-label">What you call it</span>
          <input
            class="text-input"
            maxLength={40}
            required
            value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary" disabled={name.value.trim() === ''}>
          Pair
        </button>
      </form>
    </Dialog>
  )
}
