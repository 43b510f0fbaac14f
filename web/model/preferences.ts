import { signal, type Signal } from '@preact/signals'
import type { StorageLike } from '../../src/client/index.ts'

const key = 'porchlight.preferences'

/** What one wants to see: how large, how often, at what rate; `size` and the rest count where one chooses. */
export interface PictureTaste {
  readonly mode: 'automatic' | 'chosen'
  /** For instance `1280x720`. */
  readonly size: string
  readonly maxFps: number
  /** 0 for what the path carries. */
  readonly maxMbps: number
}

/** What this browser remembers of its user's taste. */
export interface Preferences {
  /** Undefined until somebody has chosen. */
  readonly sound: boolean | undefined
  /** 0 to 1. */
  readonly volume: number
  readonly stats: boolean
  /** Undefined: as the device is. */
  readonly theme: 'light' | 'dark' | undefined
  /** Whether the wall shows what goes on in the lobbies. */
  readonly thumbnails: boolean
  /** What they called themselves as a guest, last time. */
  readonly name: string | undefined
  /** What fingers do on the picture. */
  readonly touch: 'direct' | 'trackpad'
  /** What the Option keys of a Mac are for. */
  readonly optionKeys: 'characters' | 'alt'
  /** Copy and paste between here and the app. */
  readonly clipboard: boolean
  /** See where the other players point. */
  readonly pointers: boolean
  /** What one sees oneself. */
  readonly picture: PictureTaste
}

const initial: Preferences = {
  sound: undefined,
  volume: 1,
  stats: false,
  theme: undefined,
  name: undefined,
  touch: 'direct',
  optionKeys: 'characters',
  thumbnails: true,
  clipboard: true,
  pointers: true,
  picture: { mode: 'automatic', size: '1280x720', maxFps: 60, maxMbps: 0 },
}

/** The preferences as a signal; `change` writes them down. */
export class PreferenceStore {
  readonly #storage: StorageLike
  readonly value: Signal<Preferences>

  constructor(storage: StorageLike) {
    this.#storage = storage
    this.value = signal(read(storage))
  }

  change(change: Partial<Preferences>): void {
    this.value.value = { ...this.value.value, ...change }
    this.#storage.setItem(key, JSON.stringify(this.value.value))
  }
}

function read(storage: StorageLike): Preferences {
  try {
    const stored = JSON.parse(storage.getItem(key) ?? '{}') as Partial<Record<keyof Preferences, unknown>>
    return {
      sound: typeof stored.sound === 'boolean' ? stored.sound : initial.sound,
      volume: typeof stored.volume === 'number' ? Math.min(1, Math.max(0, stored.volume)) : initial.volume,
      stats: stored.stats === true,
      theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : initial.theme,
      thumbnails: stored.thumbnails !== false,
      name: typeof stored.name === 'string' ? stored.name : initial.name,
      touch: stored.touch === 'trackpad' ? 'trackpad' : initial.touch,
      optionKeys: stored.optionKeys === 'alt' ? 'alt' : initial.optionKeys,
      clipboard: stored.clipboard !== false,
      pointers: stored.pointers !== false,
      picture: readPicture(stored.picture),
    }
  } catch {
    return initial
  }
}

function readPicture(stored: unknown): PictureTaste {
  if (typeof stored !== 'object' || stored === null) return initial.picture
  const { mode, size, maxFps, maxMbps } = stored as Partial<Record<keyof PictureTaste, unknown>>
  return {
    mode: mode === 'chosen' ? 'chosen' : 'automatic',
    size: typeof size === 'string' && /^\d{2,4}x\d{2,4}$/.test(size) ? size : initial.picture.size,
    maxFps: within(maxFps, 1, 240, initial.picture.maxFps),
    maxMbps: within(maxMbps, 0, 1000, initial.picture.maxMbps),
  }
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && value >= least && value <= most ? value : otherwise
}
