import { useEffect, useRef } from 'preact/hooks'
import type { OfferedInvitation } from '../../src/client/index.ts'
import type { Closed, EntryModel } from '../model/entry-model.ts'
import { Icon } from '../ui/icon.tsx'
import { NoticePage } from './notice-page.tsx'

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
    <NoticePage
      title={lobbyTitle ?? 'You are invited'}
      eyebrow={lobbyTitle === null ? undefined : 'You are invited to'}
    >
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
    </NoticePage>
  )
}

const closedTexts: Readonly<Record<Closed, readonly [title: string, what: string, next: string]>> = {
  'used-up': [
    'This link has been used',
    'It was good for a certain number of people, and they have all come.',
    'If you were one of them, open it in the browser you used then. Otherwise ask whoever sent it for a new one.',
  ],
  destroyed: [
    'This link is gone',
    'Too many wrong PINs were tried, so it lets nobody in any more.',
    'Ask whoever sent it for a new link, with a new PIN.',
  ],
  expired: [
    'This link has expired',
    'It was good for a certain time, which is over.',
    'Ask whoever sent it for a new one.',
  ],
  revoked: [
    'This link was taken back',
    'Whoever sent it has ended it.',
    'Ask them for a new one if you should be there.',
  ],
  removed: ['You were shown out', 'The owner has ended your stay.', 'Ask them for a new link if that was a mistake.'],
}

function ClosedLink({ closed, onAway }: { closed: Closed; onAway: (() => void) | undefined }) {
  const [title, what, next] = closedTexts[closed]
  return (
    <NoticePage title={title}>
      <p>{what}</p>
      <p>{next}</p>
      <AwayButton onAway={onAway} />
    </NoticePage>
  )
}

/** For who is somebody here without the link as well. */
function AwayButton({ onAway }: { onAway: (() => void) | undefined }) {
  if (!onAway) return null
  return (
    <button type="button" class="button quiet" onClick={onAway}>
      Go on without this link
    </button>
  )
}

function describeRole(role: OfferedInvitation['role']): string {
  if (role === 'viewer') return 'You can watch and listen.'
  return role === 'agent' ? 'An agent can watch and use it.' : 'You can watch, and use keyboard and pointer.'
}

function describeTries(left: number): string {
  return left === 1 ? 'One more wrong try destroys the link.' : `You have ${left} tries left.`
}
