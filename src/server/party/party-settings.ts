import type { Readable } from '../../kernel/readable.ts'
import type { MeshMode } from '../../party/mesh/mesh-mode.ts'
import type { PortShare } from '../../party/share/port-shares.ts'
import { ShareError } from '../../party/share/share-error.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import type { ConfigOption } from '../config/config-option.ts'
import { configOptions } from '../config/config-options.ts'
import type { LiveSettings } from '../config/live-settings.ts'
import { SettingsError } from '../config/settings-error.ts'

/** A list that outlives the server, and that others may change as well. */
export interface KeptList<T> extends Readable<readonly T[]> {
  /** In the place of all. Throws ShareError `invalid` where it cannot be changed, or StoreError. */
  keep(list: readonly T[]): void
}

/** What is chosen of a party's network, for whatever party. */
export interface PartySettings {
  readonly mesh: Readable<MeshMode>
  readonly shares: KeptList<PortShare>
  readonly ports: KeptList<OpenedPort>
}

/** As the settings of the server have it. */
export function partySettings(settings: LiveSettings): PartySettings {
  const mesh = settings.readable('mesh')
  const usual = (mode: MeshMode | undefined) => mode ?? 'auto'
  return {
    mesh: {
      get value() {
        return usual(mesh.value)
      },
      subscribe: (listener) => mesh.subscribe((mode) => listener(usual(mode))),
    },
    shares: keptList(settings, configOptions.sharePorts, settings.readable('sharePorts')),
    ports: keptList(settings, configOptions.openPorts, settings.readable('openPorts')),
  }
}

function keptList<T>(settings: LiveSettings, option: ConfigOption<T[]>, list: Readable<T[] | undefined>): KeptList<T> {
  const { flag, variable } = option
  return {
    get value() {
      return list.value ?? []
    },
    subscribe: (listener) => list.subscribe((now) => listener(now ?? [])),
    keep(wanted) {
      const source = settings.views.find(({ name }) => name === flag)?.source
      if (source === 'flag' || source === 'variable') {
        const by = source === 'flag' ? `--${flag}` : variable
        throw new ShareError('invalid', `Cannot change these ports here: the server was started with ${by}`)
      }
      try {
        settings.change({ [flag]: wanted.length === 0 ? null : option.tell([...wanted]) })
      } catch (error) {
        if (!(error instanceof SettingsError)) throw error
        throw new ShareError('invalid', error.message, { cause: error })
      }
    },
  }
}
