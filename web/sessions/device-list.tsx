import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ApiClient, DeviceView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import { Dialog } from '../ui/dialog.tsx'
import { describeMoment } from '../ui/describe-moment.ts'
import { Icon } from '../ui/icon.tsx'
import { MoonlightPairings } from './moonlight-pairings.tsx'

interface DeviceListProps {
  readonly host: HostModel
  readonly onError: (error: unknown) => void
}

const kinds = { token: 'browser', certificate: 'certificate', key: 'key' } as const

/** The devices that members come on beside their own link: what each is called, when it was last here, its end, and its beginning by a PIN. */
export function DeviceList({ host, onError }: DeviceListProps) {
  const { api } = host
  const devices = useSignal<readonly DeviceView[]>([])
  const renamed = useSignal<DeviceView | undefined>(undefined)
  const load = async () => {
    try {
      devices.value = await api.devices()
    } catch (error) {
      onError(error)
    }
  }
  const revoke = async (id: string) => {
    try {
      await api.revokeDevice(id)
    } catch (error) {
      onError(error)
    }
    await load()
  }
  // Who comes and goes changes which of them are here.
  useEffect(() => void load(), [host.sessions.value])
  const nowMs = Date.now()
  const pairings = <MoonlightPairings host={host} onError={onError} onPaired={() => void load()} />
  if (devices.value.length === 0) return pairings
  return (
    <>
      {pairings}
      <section class="sessions" aria-labelledby="devices">
        <h2 id="devices">Devices</h2>
        <ul class="session-list">
          {devices.value.map((device) => {
            const { id, name, kind, fingerprint, lastSeenAt, sessions } = device
            const seen = lastSeenAt === null ? 'never here' : `last here ${describeMoment(lastSeenAt, nowMs)}`
            return (
              <li key={id} class="session-row">
                <span class={`dot ${sessions.length > 0 ? 'green' : 'gray'}`} />
                <div class="session-who">
                  <h3>{name}</h3>
                  <p>
                    {whose(device)} · {sessions.length > 0 ? 'here now' : seen}
                  </p>
                  <p class="session-how">
                    {kinds[kind]} <code title={fingerprint}>{fingerprint.slice(0, 23)}</code>
                  </p>
                </div>
                <div class="session-actions">
                  <button
                    type="button"
                    class="button small"
                    aria-label={`Rename ${name}`}
                    onClick={() => (renamed.value = device)}
                  >
                    Rename
                  </button>
                  <button
                    type="button"
                    class="button small danger"
                    aria-label={`Take ${name} away`}
                    onClick={() => void revoke(id)}
                  >
                    <Icon name="trash" />
                    Revoke
                  </button>
                </div>
              </li>
            )
          })}
        </ul>
        {renamed.value && (
          <RenameDialog
            api={api}
            device={renamed.value}
            onError={onError}
            onClose={() => {
              renamed.value = undefined
              void load()
            }}
          />
        )}
      </section>
    </>
  )
}

/** Whose a device is: "Ada, player", or just "Owner". */
function whose({ member }: DeviceView): string {
  if (!member) return 'nobody any more'
  return member.role === 'owner' ? member.name : `${member.name}, ${member.role}`
}

interface RenameDialogProps {
  readonly api: ApiClient
  readonly device: DeviceView
  readonly onError: (error: unknown) => void
  readonly onClose: () => void
}

function RenameDialog({ api, device, onError, onClose }: RenameDialogProps) {
  const name = useSignal(device.name)
  const rename = async () => {
    try {
      await api.changeDevice(device.id, { name: name.value })
      onClose()
    } catch (error) {
      onError(error)
    }
  }
  return (
    <Dialog title={`Rename ${device.name}`} onClose={onClose}>
      <form
        class="send-form"
        onSubmit={(event) => {
          event.preventDefault()
          void rename()
        }}
      >
        <label class="field">
          <span class="field-label">What it is called</span>
          <input
            class="text-input"
            maxLength={40}
            value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary" disabled={name.value.trim() === ''}>
          Rename
        </button>
      </form>
    </Dialog>
  )
}
