import { useSignal, useSignalEffect } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { LobbyView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import type { PreferenceStore } from '../model/preferences.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import { Avatars } from '../ui/avatars.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { describeFrameRate, describeRate, describeTime } from './describe-stats.ts'
import { isAudible } from './is-audible.ts'
import { LiveMicrophone, MicrophoneButton } from './microphone-button.tsx'
import { SeatButton } from './seat-button.tsx'
import { SeatsPanel } from './seats-panel.tsx'
import { WatchChip } from './watch-chip.tsx'
import { SettingsPanel } from './settings-panel.tsx'

interface ControlBarProps {
  readonly model: ViewerModel
  readonly host: HostModel
  readonly lobby: LobbyView | undefined
  readonly title: string
  readonly preferences: PreferenceStore
  readonly shown: boolean
  readonly onShow: () => void
  readonly onHold: (held: boolean) => void
  readonly onShare: () => void
  readonly onHandOver: () => void
  readonly onLeave: () => void
  readonly fullScreenElement: RefObject<HTMLElement | null>
}

/** Where one is, how it goes, and what can be done; folds up into a small lamp. */
export function ControlBar(props: ControlBarProps) {
  const { model, host, lobby, preferences, shown, onHold } = props
  const bar = useRef<HTMLDivElement>(null)
  const panel = useSignal<'settings' | 'seats' | undefined>(undefined)
  const toggle = (which: 'settings' | 'seats') => {
    panel.value = panel.value === which ? undefined : which
  }
  const isFullScreen = useFullScreen()
  useSignalEffect(() => {
    if (model.captured.value) panel.value = undefined
  })
  // Each by itself: a tool that was clicked gives the focus back to the app, and the mouse is on the bar all the same.
  const hasMouse = useSignal(false)
  const hasFocus = useSignal(false)
  useSignalEffect(() => {
    const isPointedAt = hasMouse.value && !model.pointerLocked.value
    onHold(isPointedAt || hasFocus.value || panel.value !== undefined)
  })
  const { volume, stats: showsStats } = preferences.value.value
  const isSilent = model.muted.value
  const mayPlay = host.me.role !== 'viewer'
  const toggleFullScreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen()
    else void props.fullScreenElement.current?.requestFullscreen().then(() => model.focus())
  }
  return (
    <>
      <button
        type="button"
        class="bar-handle"
        tabIndex={shown ? -1 : 0}
        onClick={props.onShow}
        onPointerEnter={(event) => event.pointerType === 'mouse' && props.onShow()}
      >
        <span class="visually-hidden">
          {`Show the controls.${model.voices.microphone.value.status === 'on' ? ' The microphone is on.' : ''} `}
        </span>
        <StateBadge status={model.status.value} path={model.path.value} />
        <LiveMicrophone voices={model.voices} />
      </button>
      <div
        ref={bar}
        class="bar"
        role="toolbar"
        aria-label="Controls. Escape goes on in the app"
        inert={!shown}
        onPointerEnter={({ pointerType }) => {
          hasMouse.value = pointerType === 'mouse'
        }}
        onPointerLeave={() => {
          hasMouse.value = false
        }}
        onPointerDown={() => props.onShow()}
        onClick={({ detail }) => {
          // Whoever clicks goes on in the app; whoever came by keyboard goes on in the bar.
          if (detail > 0 && !panel.value && !model.chat.isOpen.value) model.focus()
        }}
        onKeyDown={({ key }) => {
          if (key !== 'Escape') return
          panel.value = undefined
          model.focus()
        }}
        onFocusIn={() => {
          hasFocus.value = true
        }}
        onFocusOut={({ relatedTarget }) => {
          hasFocus.value = relatedTarget instanceof Node && bar.current?.contains(relatedTarget) === true
        }}
      >
        <div class="bar-place">
          <Tool icon="back" label="Leave" onClick={props.onLeave} />
          <h1>{props.title}</h1>
          {!mayPlay && <WatchChip seats={model.seats} />}
          {lobby && <Avatars people={lobby.members} speaking={model.voices.speaking.value} />}
          <SeatButton seats={model.seats} expanded={panel.value === 'seats'} onClick={() => toggle('seats')} />
        </div>
        <div class="bar-state">
          <StateBadge status={model.status.value} path={model.path.value} />
          <Figures model={model} />
        </div>
        <div class="bar-tools">
          <MicrophoneButton voices={model.voices} />
          {isAudible(lobby) && (
            <Tool
              icon={isSilent ? 'volume-off' : 'volume'}
              label={isSilent ? 'Turn sound on' : 'Turn sound off'}
              onClick={() => {
                preferences.change({ sound: isSilent })
                model.setSound(isSilent, volume)
              }}
            />
          )}
          {mayPlay && (
            <>
              <Tool
                icon="pointer"
                label="Lock the pointer (for games)"
                className="only-mouse"
                pressed={model.pointerLocked.value}
                onClick={() => void model.setPointerLock(!model.pointerLocked.value)}
              />
              <Tool
                icon="keyboard"
                label="On-screen keyboard"
                className="only-touch"
                pressed={model.onScreenKeyboard.value}
                onClick={() => model.toggleOnScreenKeyboard()}
              />
            </>
          )}
          <Tool
            icon="chat"
            label={describeChat(model.chat.unread.value)}
            badge={model.chat.unread.value}
            pressed={model.chat.isOpen.value}
            onClick={() => (model.chat.isOpen.value ? model.chat.close() : model.chat.open())}
          />
          <Tool
            icon="sliders"
            label="Settings"
            expanded={panel.value === 'settings'}
            onClick={() => toggle('settings')}
          />
          {host.isOwner && lobby && <Tool icon="share" label="Share" onClick={props.onShare} />}
          <Tool
            icon="chart"
            label="Statistics"
            pressed={showsStats}
            onClick={() => preferences.change({ stats: !showsStats })}
          />
          {document.fullscreenEnabled && (
            <Tool
              icon={isFullScreen ? 'fullscreen-exit' : 'fullscreen'}
              label={isFullScreen ? 'Leave full screen' : 'Full screen'}
              onClick={toggleFullScreen}
            />
          )}
        </div>
        {panel.value === 'seats' && <SeatsPanel seats={model.seats} />}
        {panel.value === 'settings' && (
          <SettingsPanel
            model={model}
            host={host}
            lobby={lobby}
            preferences={preferences}
            onHandOver={() => {
              panel.value = undefined
              props.onHandOver()
            }}
            ownLayout={() => model.guessLayout()}
            stage={() => props.fullScreenElement.current?.querySelector('.stage') ?? undefined}
          />
        )}
      </div>
    </>
  )
}

/** The three numbers that tell how it feels. */
function Figures({ model }: { model: ViewerModel }) {
  const stats = model.stats.value
  if (model.status.value !== 'connected' || !stats) return null
  const { roundTripMs, videoBps } = stats
  return (
    <>
      <span class="figure" title="Round trip">
        {describeTime(roundTripMs)}
      </span>
      <span class="figure optional" title="Frames a second">
        {describeFrameRate(stats)}
      </span>
      <span class="figure optional" title="Video bit rate">
        {describeRate(videoBps)}
      </span>
    </>
  )
}

interface ToolProps {
  readonly icon: IconName
  readonly label: string
  readonly className?: string
  readonly pressed?: boolean
  readonly expanded?: boolean
  /** How much there is to see; nothing for 0. */
  readonly badge?: number
  readonly onClick: () => void
}

function Tool({ icon, label, className = '', pressed, expanded, badge = 0, onClick }: ToolProps) {
  return (
    <button
      type="button"
      class={`icon-button ${className}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      onClick={onClick}
    >
      <Icon name={icon} />
      {badge > 0 && <span class="tool-badge">{badge > 99 ? '99+' : badge}</span>}
    </button>
  )
}

function describeChat(unread: number): string {
  return unread === 0 ? 'Chat' : `Chat, ${unread} unread`
}

function useFullScreen(): boolean {
  const isFullScreen = useSignal(document.fullscreenElement !== null)
  useEffect(() => {
    const look = () => {
      isFullScreen.value = document.fullscreenElement !== null
    }
    document.addEventListener('fullscreenchange', look)
    return () => document.removeEventListener('fullscreenchange', look)
  }, [])
  return isFullScreen.value
}
