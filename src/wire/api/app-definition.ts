import * as v from 'valibot'
import { type SoundLayout, soundLayouts } from '../../domain/sound-layout.ts'
import { videoCodecs } from '../../domain/video-codec.ts'
import { iconReference } from './icon-reference.ts'
import { runKeys } from './run-keys.ts'
import { firstFault, placesOf, table, wanted } from './table-schema.ts'

/**
 * An app as its owner describes it: the same keys and values in `apps.toml`, in the API and in the settings database.
 * What is left out is as usual; see {@link usually}.
 */

/** `import` and `export` are things that are done with all of them. */
export const appId = wanted(
  'a name of a-z, 0-9 and -, at most 64 long, other than import and export',
  v.pipe(v.string(), v.regex(/^(?!(?:import|export)$)[a-z\d-]{1,64}$/)),
)

/** What a key is when it is left out. */
export const usually = { size: '1280x720', fps: 60, sound: true } as const

// No program can be given a null character.
const word = v.pipe(v.string(), v.maxLength(4096), v.regex(/^[^\0]*$/))
const someWord = v.pipe(word, v.minLength(1))

const sizePattern = /^(\d{3,4})x(\d{3,4})$/
const size = wanted(
  'a size from 320x240 to 7680x4320, upright too, such as "1280x720"',
  v.pipe(
    v.string(),
    v.regex(sizePattern),
    v.check((text) => {
      const { width, height } = sizeOf(text)
      return width >= 320 && width <= 7680 && height >= 240 && height <= 7680 && width * height <= 7680 * 4320
    }),
  ),
)

/** A size as numbers; the text is one that the schema has taken. */
export function sizeOf(text: string): { readonly width: number; readonly height: number } {
  const [, width, height] = sizePattern.exec(text) ?? []
  return { width: Number(width), height: Number(height) }
}

/** The layout that `sound` means; undefined is without sound. */
export function soundLayoutOf(sound: boolean | SoundLayout): SoundLayout | undefined {
  if (typeof sound === 'string') return sound
  return sound ? 'stereo' : undefined
}

/** What a lobby sets for each of its runs; an app of its own would be looked for on the wrong display. */
const reserved = [
  'DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'PULSE_SERVER',
  'PULSE_COOKIE',
  'PULSE_SINK',
  'PULSE_SOURCE',
]
const variableName = new RegExp(`^(?!(?:${reserved.join('|')})$|PORCHLIGHT_)[A-Za-z_][A-Za-z0-9_]{0,127}$`)
const environment = wanted(
  `a table of text by the name of its variable, without ${reserved.join(', ')} and PORCHLIGHT_...`,
  firstFault(v.pipe(v.record(v.pipe(v.string(), v.regex(variableName)), word), v.maxEntries(128))),
)

const video = table({
  codecs: v.optional(
    firstFault(v.pipe(v.array(v.picklist(videoCodecs)), v.minLength(1), v.maxLength(videoCodecs.length))),
  ),
  maxMbps: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(100))),
  preset: v.optional(v.picklist(['latency', 'quality'])),
})

const shared = {
  title: v.optional(wanted('1 to 80 characters', v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80)))),
  icon: v.optional(iconReference),
  size: v.optional(size),
  fps: v.optional(
    wanted('a whole number from 1 to 240', v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(240))),
  ),
  sound: v.optional(wanted('true, false, "stereo", "5.1" or "7.1"', v.union([v.boolean(), v.picklist(soundLayouts)]))),
  video: v.optional(
    wanted(
      `a table of codecs (a list of ${videoCodecs.map((codec) => `"${codec}"`).join(' and ')}, best first), maxMbps (from 0.1 to 100) and preset ("latency" or "quality")`,
      video,
    ),
  ),
}

const someWords = 'a list of words, such as ["xterm", "-e", "top"]'
const command = wanted(
  someWords,
  firstFault(
    v.pipe(
      v.array(word),
      v.minLength(1),
      v.maxLength(256),
      v.check(([program]) => program !== ''),
    ),
  ),
)

const program = table({
  kind: v.optional(v.literal('display')),
  ...shared,
  ...runKeys,
  /** Only a container can do without: it has an image that runs something by itself. */
  command: v.optional(command),
  environment: v.optional(environment),
  /** What becomes of its windows. */
  window: v.optional(wanted('"maximized", "floating" or "none"', v.picklist(['maximized', 'floating', 'none']))),
  directory: v.optional(wanted('a directory, absolute or below the home of the app', someWord)),
})

const testPattern = table({
  kind: v.literal('test-pattern'),
  ...shared,
  lines: v.optional(
    wanted(
      'a list of up to 6 lines of 1 to 46 characters',
      firstFault(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(46))), v.maxLength(6))),
    ),
  ),
})

/** What is wrong with keys that are right by themselves. */
const runnable = v.pipe(
  program,
  v.forward(
    v.partialCheck(
      [['command'], ['container']],
      (given) => given.command !== undefined || given.container !== undefined,
      `wanted ${someWords}`,
    ),
    ['command'],
  ),
  v.forward(
    v.partialCheck(
      [['sandbox'], ['container']],
      (given) => given.container === undefined || (given.sandbox ?? false) === false,
      'wanted no sandbox beside a container, which is one',
    ),
    ['sandbox'],
  ),
)

export const appDefinition = v.variant('kind', [runnable, testPattern], (issue) =>
  issue.path ? 'wanted "display" or "test-pattern"' : 'wanted a table',
)
export type AppDefinition = v.InferOutput<typeof appDefinition>
export type ProgramDefinition = Exclude<AppDefinition, { readonly kind: 'test-pattern' }>

/** What is wrong with a definition. */
export interface DefinitionFault {
  /** The keys that lead there; none for the definition itself. */
  readonly path: readonly string[]
  /** `wanted ...` */
  readonly wanted: string
  /** As JSON and shortened; not what is in variables or in keys that are not known, which may be secret. */
  readonly got: string
}

/** Reads a definition: itself, or everything that is wrong with it, one fault a place. */
export function readDefinition(
  value: unknown,
): { readonly definition: AppDefinition } | { readonly faults: readonly DefinitionFault[] } {
  const result = v.safeParse(appDefinition, value)
  return result.success ? { definition: result.output } : { faults: faultsOf(result.issues) }
}

function faultsOf(issues: readonly v.BaseIssue<unknown>[]): readonly DefinitionFault[] {
  return placesOf(issues).map(({ path, issue, found }) => {
    return { path, wanted: issue.message, got: issue.expected === 'never' ? 'another key' : shown(path, found) }
  })
}

function shown([key, ...inner]: readonly string[], value: unknown): string {
  if (key === 'environment' && inner.length > 0) return 'something else'
  const json = value === undefined ? 'nothing' : JSON.stringify(value)
  return json.length > 100 ? `${json.slice(0, 100)}...` : json
}
