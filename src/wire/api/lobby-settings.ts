import * as v from 'valibot'
import { restartChoices, type LobbySettings } from '../../domain/lobby-settings.ts'
import { largestSide, smallestSize } from '../../domain/size.ts'
import { seating } from '../signal/seats.ts'
import { voiceChoice } from '../signal/voices.ts'

const side = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(largestSide))

export const size = v.object({ width: side(smallestSize.width), height: side(smallestSize.height) })
/** A keyboard layout by its XKB name, with its variant if it has one: `de`, `us(dvorak)`. */
export const layout = v.pipe(v.string(), v.regex(/^[A-Za-z]\w{1,15}(?:\([\w-]{1,40}\))?$/))

const title = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80))

const settings = {
  title,
  size,
  layout,
  stopWhenEveryoneLeaves: v.boolean(),
  /** Whether it comes back when the server is started again. */
  restart: v.picklist(restartChoices),
  /** Keyboard and mouse for one at a time, or for all players at once. */
  seating,
  /** Whose voices are heard: of players by the app, by the others too, or everybody's by the others. */
  voice: voiceChoice,
} satisfies { readonly [Key in keyof LobbySettings]: v.GenericSchema<unknown, LobbySettings[Key]> }

/** What is to be changed of a lobby. */
export const lobbyChange = v.partial(v.strictObject(settings))

/** Settings as they were written down: a title is what the host has made of it. */
export const storedSettings = v.partial(v.strictObject({ ...settings, title: v.string() }))

const { size: _, ...withoutSize } = settings

/** The settings that a new lobby can have, but for its size. */
export const wishedSettings = v.partial(v.strictObject(withoutSize)).entries

/** Settings as a lobby shows them, but for its size. */
export const shownSettings = { ...withoutSize, title: v.string(), layout: v.nullable(layout) }
