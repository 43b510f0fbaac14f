import { useSignal } from '@preact/signals'
import type { PartyModel } from '../model/party-model.ts'

/** For a host in no party: make one, or join one by its code or its link. */
export function PartyEntry({ party, link }: { party: PartyModel; link: string | undefined }) {
  const name = useSignal('')
  const by = useSignal(link ?? '')
  const isBusy = party.busy.value
  return (
    <div class="party-entry">
      <form
        class="party-form"
        onSubmit={(event) => {
          event.preventDefault()
          void party.join(by.value.trim())
        }}
      >
        <h2>Join a party</h2>
        <label class="field">
          <span class="field-label">Code or link</span>
          <input
            class="text-input"
            required
            maxLength={2048}
            autocomplete="off"
            value={by.value}
            placeholder="7KQ2M-9XD4T-3F6GH-8JKMN"
            onInput={(event) => (by.value = event.currentTarget.value)}
          />
        </label>
        <p class="party-hint">A code is found on this computer and network. From elsewhere it takes the link.</p>
        <button type="submit" class="button primary" disabled={isBusy}>
          Join
        </button>
      </form>
      <form
        class="party-form"
        onSubmit={(event) => {
          event.preventDefault()
          void party.create(name.value.trim())
        }}
      >
        <h2>Make a party</h2>
        <label class="field">
          <span class="field-label">Name</span>
          <input
            class="text-input"
            required
            maxLength={100}
            autocomplete="off"
            value={name.value}
            placeholder="Friday"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <p class="party-hint">You get a code and a link for friends. This host keeps the list of who is in it.</p>
        <button type="submit" class="button" disabled={isBusy}>
          Make it
        </button>
      </form>
    </div>
  )
}
