import { useSignal } from '@preact/signals'
import type { ApiClient, LobbyView } from '../../src/client/index.ts'
import { Avatars } from '../ui/avatars.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { LobbyWindow } from './lobby-window.tsx'

interface LobbyCardProps {
  readonly lobby: LobbyView
  /** Where pictures of it come from; undefined when none are wanted. */
  readonly api: ApiClient | undefined
  /** Undefined when it is not known. */
  readonly appTitle: string | undefined
  readonly mayStop: boolean
  readonly mayPlay: boolean
  readonly onEnter: () => void
  readonly onStop: () => void
  /** Shows what its app prints; undefined for those who may not see it. */
  readonly onOutput: (() => void) | undefined
}

const statusDots: Readonly<Record<LobbyView['status'], string>> = {
  starting: 'yellow busy',
  running: 'green',
  recovering: 'orange busy',
  ended: 'gray',
}

export function LobbyCard({ lobby, api, appTitle, mayStop, mayPlay, onEnter, onStop, onOutput }: LobbyCardProps) {
  const asksToStop = useSignal(false)
  const { status, reason, members, title } = lobby
  return (
    <article class="lobby-card">
      <LobbyWindow lobby={lobby} api={api} />
      <div class="lobby-card-body">
        <div class="lobby-card-head">
          <h2>
            <button type="button" class="lobby-card-enter" onClick={onEnter}>
              {title}
            </button>
          </h2>
          <span class="badge">
            <span class={`dot ${statusDots[status]}`} />
            {status}
          </span>
        </div>
        <p class="lobby-card-facts">
          {reason ??
            [...(appTitle === undefined || appTitle === title ? [] : [appTitle]), ...describeFormat(lobby)].join(' · ')}
        </p>
        <div class="lobby-card-foot">
          {members.length > 0 ? <Avatars people={members} /> : <span class="lobby-card-empty">Nobody is in</span>}
          <span class="lobby-card-actions">
            {onOutput && (
              <button
                type="button"
                class="icon-button"
                aria-label={`What ${title} prints`}
                title="Output"
                onClick={onOutput}
              >
                <Icon name="lines" />
              </button>
            )}
            {mayStop && (
              <button
                type="button"
                class="icon-button"
                aria-label={`Stop ${title}`}
                title="Stop"
                onClick={() => (asksToStop.value = true)}
              >
                <Icon name="power" />
              </button>
            )}
            <button type="button" class="button primary" tabIndex={-1} aria-hidden="true" onClick={onEnter}>
              {mayPlay ? 'Step in' : 'Watch'}
            </button>
          </span>
        </div>
      </div>
      {asksToStop.value && (
        <StopDialog title={title} people={members.length} onStop={onStop} onClose={() => (asksToStop.value = false)} />
      )}
    </article>
  )
}

export function LobbyCardSkeleton() {
  return (
    <div class="lobby-card skeleton" aria-hidden="true">
      <div class="house" data-status="ended" />
      <div class="lobby-card-body">
        <div class="skeleton-line" />
        <div class="skeleton-line short" />
      </div>
    </div>
  )
}

const limitNames = { cpus: 'processor', memory: 'memory', processes: 'processes' } as const

function describeFormat({ width, height, fps, sound, unheldLimits }: LobbyView): string[] {
  const unheld = unheldLimits.map((name) => limitNames[name])
  return [
    `${width}×${height}`,
    `${fps} fps`,
    ...(sound ? ['sound'] : []),
    ...(unheld.length > 0 ? [`not limited here: ${unheld.join(', ')}`] : []),
  ]
}

function StopDialog({
  title,
  people,
  onStop,
  onClose,
}: {
  title: string
  people: number
  onStop: () => void
  onClose: () => void
}) {
  const watching = people === 0 ? '' : people === 1 ? ' One person is in it.' : ` ${people} people are in it.`
  return (
    <Dialog title={`Stop ${title}?`} onClose={onClose}>
      <p>The app ends, and what was not saved in it is lost.{watching}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Leave it on
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose()
            onStop()
          }}
        >
          Stop it
        </button>
      </div>
    </Dialog>
  )
}
