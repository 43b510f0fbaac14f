import type { LobbyView } from '../../src/client/index.ts'
import type { HostModel } from '../model/host-model.ts'
import type { ViewerModel } from '../model/viewer-model.ts'
import type { PreferenceStore } from '../model/preferences.ts'
import { Icon } from '../ui/icon.tsx'
import { SecureLink } from '../ui/secure-link.tsx'
import { Segments } from '../ui/segments.tsx'
import { LayoutChoice } from './layout-choice.tsx'
import { isAudible } from './is-audible.ts'
import { PictureChoice } from './picture-choice.tsx'
import { fittingSize, pictureSizes } from './picture-size.ts'
import { VoiceChoices } from './voice-choices.tsx'

interface SettingsPanelProps {
  readonly model: ViewerModel
  readonly host: HostModel
  readonly lobby: LobbyView | undefined
  readonly preferences: PreferenceStore
  readonly onHandOver: () => void
  readonly stage: () => Element | undefined
  /** What layout the own keyboard seems to have. */
  readonly ownLayout: () => string | undefined
}

const touchModes = [
  { value: 'direct', label: 'Point' },
  { value: 'trackpad', label: 'Trackpad' },
] as const

const optionKeyChoices = [
  { value: 'characters', label: 'Characters' },
  { value: 'alt', label: 'Alt' },
] as const

const seatings = [
  { value: 'single', label: 'One at a time' },
  { value: 'shared', label: 'Everybody' },
] as const

const switchOptions = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const

const showOptions = [
  { value: 'on', label: 'Show' },
  { value: 'off', label: 'Hide' },
] as const

const whenEmpty = [
  { value: 'stay', label: 'Stay on' },
  { value: 'stop', label: 'Stop' },
] as const

const whenRestarted = [
  { value: 'always', label: 'Come back' },
  { value: 'never', label: 'Stay off' },
] as const

/** Picture, sound and clipboard for oneself; the rest for everybody in the lobby, so only its owner chooses. */
export function SettingsPanel({ model, host, lobby, preferences, onHandOver, stage, ownLayout }: SettingsPanelProps) {
  const { volume, clipboard, touch, optionKeys, pointers } = preferences.value.value
  return (
    <div class="settings">
      {isAudible(lobby) && (
        <label class="field">
          <span class="field-label">Volume</span>
          <input
            class="range"
            type="range"
            min="0"
            max="100"
            value={Math.round(volume * 100)}
            onInput={(event) => preferences.change({ volume: Number(event.currentTarget.value) / 100, sound: true })}
          />
        </label>
      )}
      <PictureChoice model={model} preferences={preferences} />
      {host.me.role !== 'viewer' && navigator.maxTouchPoints > 0 && (
        <Segments
          label="Fingers on the picture"
          value={touch}
          options={touchModes}
          onChange={(value) => preferences.change({ touch: value })}
        />
      )}
      {host.me.role !== 'viewer' && /mac/i.test(navigator.platform) && (
        <Segments
          label="Option keys"
          value={optionKeys}
          options={optionKeyChoices}
          onChange={(value) => preferences.change({ optionKeys: value })}
        />
      )}
      {host.me.role !== 'viewer' && (
        <Segments
          label="Copy and paste between here and the app"
          value={clipboard ? 'on' : 'off'}
          options={switchOptions}
          onChange={(value) => preferences.change({ clipboard: value === 'on' })}
        />
      )}
      <Segments
        label="Where the others point"
        value={pointers ? 'on' : 'off'}
        options={showOptions}
        onChange={(value) => preferences.change({ pointers: value === 'on' })}
      />
      <button type="button" class="button" onClick={onHandOver}>
        <Icon name="phone" />
        Continue on another device
      </button>
      {lobby && host.isOwner && (
        <>
          {lobby.seats.length > 0 && (
            <Segments
              label="Keyboard and mouse"
              value={lobby.seating}
              options={seatings}
              onChange={(seating) => void host.changeLobby(lobby.id, { seating })}
            />
          )}
          <VoiceChoices lobby={lobby} onChange={(voice) => void host.changeLobby(lobby.id, { voice })} />
          {lobby.layout !== null && (
            <LayoutChoice
              layouts={host.layouts.value}
              layout={lobby.layout}
              own={ownLayout()}
              onChange={(layout) => void host.changeLobby(lobby.id, { layout })}
            />
          )}
          <SizeChoice host={host} lobby={lobby} stage={stage} />
          <Segments
            label="When everyone has left"
            value={lobby.stopWhenEveryoneLeaves ? 'stop' : 'stay'}
            options={whenEmpty}
            onChange={(value) => void host.changeLobby(lobby.id, { stopWhenEveryoneLeaves: value === 'stop' })}
          />
          <Segments
            label="When Porchlight is started again"
            value={lobby.restart}
            options={whenRestarted}
            onChange={(restart) => void host.changeLobby(lobby.id, { restart })}
          />
        </>
      )}
      {host.secure.isNeeded && host.secure.origin.value !== undefined && (
        <div class="field">
          <p class="settings-note">By HTTPS, browsers give this page the microphone, and media through the web port.</p>
          <SecureLink secure={host.secure} />
        </div>
      )}
      {lobby && !host.isOwner && <p class="settings-note">Keyboard layout and size are up to the owner.</p>}
    </div>
  )
}

function SizeChoice({ host, lobby, stage }: { host: HostModel; lobby: LobbyView; stage: () => Element | undefined }) {
  const { width, height, resizable } = lobby
  if (!resizable) {
    return (
      <p class="settings-note">
        {width}×{height}. This display cannot change its size.
      </p>
    )
  }
  const current = `${width}x${height}`
  const sizes = pictureSizes.some((size) => size === current) ? pictureSizes : [current, ...pictureSizes]
  const change = (size: { width: number; height: number }) => void host.changeLobby(lobby.id, { size })
  return (
    <div class="field">
      <label class="field-label" for="picture-size">
        Size of the screen
      </label>
      <div class="settings-size">
        <select
          id="picture-size"
          class="select"
          value={current}
          onChange={(event) => {
            const [chosenWidth = 0, chosenHeight = 0] = event.currentTarget.value.split('x').map(Number)
            change({ width: chosenWidth, height: chosenHeight })
          }}
        >
          {sizes.map((size) => (
            <option key={size} value={size}>
              {size.replace('x', ' × ')}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="button"
          onClick={() => {
            const element = stage()
            if (element) change(fittingSize(element.clientWidth, element.clientHeight))
          }}
        >
          Fit my window
        </button>
      </div>
    </div>
  )
}
