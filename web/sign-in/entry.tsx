import { useEffect, useRef } from 'preact/hooks'
import type { OfferedInvitation } from '../../src/client/index.ts'
import type { EntryModel } from '../model/entry-model.ts'
import { Icon } from '../ui/icon.tsx'
import { AwayButton, ClosedLink } from './closed-link.tsx'
import { PlainPage } from './plain-page.tsx'

/** The doorstep: who comes by a link says how to call them, and its PIN where it has one. */
export function Entry({ entry }: { entry: EntryModel }) {
  const closed = entry.closed.value
  return closed ? <ClosedLink closed={closed} onAway={entry.onAway} /> : <EntryForm entry={entry} />
}

function EntryForm({ entry }: { entry: EntryModel }) {
  const pinField = useRef<HTMLInputElement>(null)
  const { role, lobbyTitle, needsPin, pinTriesLeft } = entry.offer.value
  const problem = entry.problem.value
  useEffect(() => {
    if (problem?.about === 'pin') pinField.current?.focus()
  }, [problem])
  const isReady = !entry.busy.value && (!needsPin || /^\d{4,8}$/.test(entry.pin.value))
  return (
    <PlainPage title={lobbyTitle ?? 'You are invited'} eyebrow={lobbyTitle === null ? undefined : 'You are invited to'}>
      <form
        class="notice-card entry"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) void entry.comeIn()
        }}
      >
        <p class="entry-role">
          <Icon name={role === 'viewer' ? 'eye' : 'hand'} />
          {describeRole(role)}
        </p>
        <label class="field">
          <span class="field-label">Your name, for the others there</span>
          <input
            class="text-input"
            name="name"
            maxLength={40}
            autoComplete="nickname"
            spellcheck={false}
            value={entry.name.value}
            onInput={(event) => (entry.name.value = event.currentTarget.value)}
            onFocus={(event) => event.currentTarget.select()}
          />
        </label>
        {needsPin && (
          <label class="field">
            <span class="field-label">PIN, from whoever sent you the link</span>
            <input
              ref={pinField}
              class="text-input pin-input"
              name="pin"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={8}
              autofocus
              aria-invalid={problem?.about === 'pin'}
              aria-describedby="entry-problem"
              value={entry.pin.value}
              onInput={(event) => {
                entry.pin.value = event.currentTarget.value.replaceAll(/\D/g, '')
                event.currentTarget.value = entry.pin.value
              }}
            />
          </label>
        )}
        <p id="entry-problem" class="entry-problem" role="alert">
          {problem && (
            <>
              <Icon name="warning" />
              <span>
                {problem.text} {problem.about === 'pin' && describeTries(pinTriesLeft)}
              </span>
            </>
          )}
        </p>
        <button type="submit" class="button primary" disabled={!isReady}>
          {entry.busy.value ? 'Opening the door …' : 'Come in'}
        </button>
      </form>
      <AwayButton onAway={entry.onAway} />
    </PlainPage>
  )
}

function describeRole(role: OfferedInvitation['role']): string {
  if (role === 'viewer') return 'You can watch and listen.'
  return role === 'agent' ? 'An agent can watch and use it.' : 'You can watch, and use keyboard and pointer.'
}

function describeTries(left: number): string {
  return left === 1 ? 'One more wrong try destroys the link.' : `You have ${left} tries left.`
}
