import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { EventBus } from '../../kernel/event-bus.ts'
import type { Log } from '../../kernel/log.ts'
import type { Readable } from '../../kernel/readable.ts'
import type { KeptSettings, SettingRecords } from '../../store/setting-records.ts'
import type { SettingValue, SettingView } from '../../wire/api/settings.ts'
import { allOptions, configOptions, type OptionKey, type OptionValue } from './config-options.ts'
import type { ConfigOption } from './config-option.ts'
import { judgeChange } from './judge-change.ts'
import { settingOf, type SettingLayers } from './setting-layers.ts'
import { settingView, usualOf } from './setting-view.ts'

/** That a setting is shown differently from now on, whoever has changed it. */
export interface SettingChanged {
  readonly type: 'setting-changed'
  readonly setting: SettingView
}

/** The settings of a server that runs: what is in use of them, and what the database says meanwhile. */
export interface LiveSettings extends Disposable {
  readonly events: Pick<EventBus<SettingChanged>, 'subscribe'>
  readonly views: readonly SettingView[]
  /** What is in use, as it changes; undefined where it follows from the machine. */
  readable<Key extends OptionKey>(key: Key): Readable<OptionValue<Key> | undefined>
  /**
   * Keeps values, or forgets those that are null, all or none, and answers with how the settings are then. Throws SettingsError or
   * StoreError.
   */
  change(wanted: Readonly<Record<string, SettingValue | null>>): readonly SettingView[]
}

/** How often is looked whether another process has changed something. */
const lookPeriodMs = 1000

/**
 * Follows the settings in `records`, which end with it. What is heeded at once is in use as soon as it is written, also by another
 * process; the rest stays as it was in `layers`, which the server was started with. May throw a StoreError.
 */
export function openLiveSettings(options: {
  records: SettingRecords
  layers: SettingLayers
  clock: Clock
  log: Log
}): LiveSettings {
  return new SettingBoard(options)
}

class SettingBoard implements LiveSettings {
  readonly events: EventBus<SettingChanged>
  readonly #records: SettingRecords
  readonly #layers: SettingLayers
  readonly #log: Log
  readonly #timer: { cancel(): void }
  /** In use: as at the start, but for what is heeded at once. */
  #used: KeptSettings
  #kept: KeptSettings

  constructor({ records, layers, clock, log }: Parameters<typeof openLiveSettings>[0]) {
    this.#records = records
    this.#layers = layers
    this.#log = log
    this.#used = layers.kept
    this.#kept = layers.kept
    this.events = new EventBus((error) => log.error('A listener of settings failed', { error }))
    records.populate(new Map(allOptions().flatMap((each) => (each.isKept ? [[each.flag, usualOf(each)]] : []))))
    this.#refresh()
    this.#timer = clock.every(lookPeriodMs, () => this.#look())
  }

  get views(): readonly SettingView[] {
    return allOptions().map((option) => this.#view(option))
  }

  readable<Key extends OptionKey>(key: Key): Readable<OptionValue<Key> | undefined> {
    const option = configOptions[key] as unknown as ConfigOption<OptionValue<Key>>
    const now = () => settingOf(option, { ...this.#layers, kept: this.#used }).value
    return {
      get value() {
        return now()
      },
      subscribe: (listener) =>
        this.events.subscribe(({ setting }) => {
          if (setting.name === option.flag && setting.applies === 'at-once') listener(now())
        }),
    }
  }

  change(wanted: Readonly<Record<string, SettingValue | null>>): readonly SettingView[] {
    this.#records.change((before) => judgeChange(before, wanted))
    this.#refresh()
    return Object.keys(wanted).flatMap((name) =>
      allOptions().flatMap((option) => (option.flag === name ? [this.#view(option)] : [])),
    )
  }

  /** Another process may have written. */
  #look(): void {
    try {
      if (this.#records.hasOthersWritten()) this.#refresh()
    } catch (error) {
      this.#log.warn('Cannot see whether the settings have changed', { error: messageOf(error) })
    }
  }

  #refresh(): void {
    const before = this.#kept
    this.#kept = this.#records.all()
    const options = allOptions().filter(({ flag }) => !isDeepStrictEqual(before.get(flag), this.#kept.get(flag)))
    const used = new Map(this.#used)
    for (const { flag, applies } of options) {
      if (applies !== 'at-once') continue
      if (this.#kept.has(flag)) used.set(flag, this.#kept.get(flag))
      else used.delete(flag)
    }
    this.#used = used
    for (const option of options) {
      this.#log.info('A setting was changed', { setting: option.flag, applies: option.applies })
      this.events.emit({ type: 'setting-changed', setting: this.#view(option) })
    }
  }

  #view(option: ConfigOption<unknown>): SettingView {
    return settingView(option, { ...this.#layers, kept: this.#used }, this.#kept)
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
    this.#records[Symbol.dispose]()
  }
}
