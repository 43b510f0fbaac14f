import * as v from 'valibot'
import type { Command } from '../../host/apps/app.ts'
import type { AppDefinition } from '../../host/apps/defined-app.ts'
import type { Size } from '../../host/display/display.ts'
import { size as sizeLimits } from '../../wire/api/resources.ts'
import { runKeys } from './run-keys.ts'

/** A key of an app's table: what it takes, and how that is said. `wanted` completes "wanted ...". */
interface Key<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly schema: Schema
  readonly wanted: string
}

const text = (maxLength: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength))
// No program can be given a null character, and no terminal should be given an escape.
const word = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((given) => !given.includes('\0')),
)

const size: v.GenericSchema<unknown, Size> = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}x\d{1,5}$/),
  v.transform((given) => {
    const [width, height] = given.split('x').map(Number)
    return { width, height }
  }),
  sizeLimits,
)

const command: v.GenericSchema<unknown, Command> = v.pipe(
  v.tupleWithRest([v.pipe(word, v.minLength(1))], word),
  v.maxLength(256),
)

/** What a lobby sets for each of its runs; an app of its own would be looked for on the wrong display. */
const reserved = new Set(['DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR', 'PULSE_SERVER', 'PULSE_COOKIE', 'PULSE_SINK'])
const environment = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z_]\w{0,127}$/),
      v.check((name) => !reserved.has(name) && !name.startsWith('PORCHLIGHT_')),
    ),
    word,
  ),
  v.check((given) => Object.keys(given).length <= 128),
)

const shared = {
  kind: {
    schema: v.optional(v.picklist(['display', 'test-pattern']), 'display'),
    wanted: '"display" or "test-pattern"',
  },
  title: {
    schema: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80))),
    wanted: '1 to 80 characters',
  },
  size: { schema: v.optional(size, '1280x720'), wanted: 'a size from 320x240 to 3840x2160, such as "1280x720"' },
  fps: {
    schema: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(240)), 60),
    wanted: 'a whole number from 1 to 240',
  },
  sound: { schema: v.optional(v.boolean(), true), wanted: 'true or false' },
} as const satisfies Record<string, Key>

const program = {
  ...runKeys,
  command: { schema: v.optional(command), wanted: 'a list of words, such as ["xterm", "-e", "top"]' },
  environment: {
    schema: v.optional(environment, {}),
    wanted: `a table of text by the name of its variable, without ${[...reserved].join(', ')} and PORCHLIGHT_...`,
  },
  directory: {
    schema: v.optional(v.pipe(word, v.minLength(1))),
    wanted: 'a directory, absolute or below the home of the app',
  },
} as const satisfies Record<string, Key>

const pattern = {
  lines: {
    schema: v.optional(v.pipe(v.array(text(46)), v.maxLength(6)), []),
    wanted: 'a list of up to 6 lines of 1 to 46 characters',
  },
} as const satisfies Record<string, Key>

const id = v.pipe(v.string(), v.regex(/^[a-z\d-]{1,64}$/))

/** What is wrong with a table: at which of its keys, none for the table itself, and what was wanted there. */
export interface TableFault {
  readonly path: readonly string[]
  readonly wanted: string
  /** As TOML would write it, shortened. */
  readonly got: string
}

/** Reads one table of `apps`: the app, or everything that is wrong with it. */
export function readAppTable(name: string, table: unknown): AppDefinition | readonly TableFault[] {
  if (!v.is(id, name)) return [{ path: [], wanted: 'a name of a-z, 0-9 and -, at most 64 long', got: shown(name) }]
  if (!v.is(v.record(v.string(), v.unknown()), table)) return [{ path: [], wanted: 'a table', got: shown(table) }]
  if (table['kind'] === 'test-pattern') {
    const read = readKeys({ ...shared, ...pattern }, table)
    return 'faults' in read
      ? read.faults
      : { id: name, ...common(name, read.values), source: { kind: 'test-pattern', lines: read.values.lines } }
  }
  const read = readKeys({ ...shared, ...program }, table)
  const faults = [...('faults' in read ? read.faults : []), ...contradictions(table)]
  if ('faults' in read || faults.length > 0) return faults
  const { command: words, environment: variables, directory, ...rest } = read.values
  const { onExit, profile, limits, sandbox, container } = rest
  const rules = { onExit, profile, limits, sandbox, container }
  return {
    id: name,
    ...common(name, rest),
    source: { kind: 'display', command: words, environment: variables, directory, ...rules },
  }
}

/** What is wrong with keys that are right by themselves. */
function contradictions({ command: words, sandbox, container }: Record<string, unknown>): readonly TableFault[] {
  if (container === undefined) {
    return words === undefined ? [{ path: ['command'], wanted: program.command.wanted, got: 'nothing' }] : []
  }
  if (sandbox === undefined || sandbox === false) return []
  return [{ path: ['sandbox'], wanted: 'no sandbox beside a container, which is one', got: shown(sandbox) }]
}

type Values<Keys extends Record<string, Key>> = { [Name in keyof Keys]: v.InferOutput<Keys[Name]['schema']> }

function common(name: string, { title, size: asked, fps, sound }: Values<typeof shared>) {
  return { title: title ?? name, size: asked, fps, sound }
}

function readKeys<Keys extends Record<string, Key>>(
  keys: Keys,
  table: Record<string, unknown>,
): { readonly values: Values<Keys> } | { readonly faults: readonly TableFault[] } {
  const unknown = Object.keys(table)
    .filter((name) => !Object.hasOwn(keys, name))
    .map((name) => ({ path: [name], wanted: `only ${Object.keys(keys).join(', ')}`, got: 'another key' }))
  const faults: TableFault[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { schema, wanted }] of Object.entries<Key>(keys)) {
    const result = v.safeParse(schema, table[name])
    if (result.success) values[name] = result.output
    else faults.push(faultOf(name, table[name], wanted, result.issues[0]))
  }
  const all = [...unknown, ...faults]
  return all.length > 0 ? { faults: all } : { values: values as Values<Keys> }
}

/** A variable may hold a credential: its name is told, its value is not. */
function faultOf(name: string, value: unknown, wanted: string, issue: v.BaseIssue<unknown>): TableFault {
  const inner = issue.path?.[0]?.key
  if (typeof inner !== 'string') return { path: [name], wanted, got: shown(value) }
  return { path: [name, inner], wanted, got: name === 'environment' ? 'something else' : shown(issue.path?.[0]?.value) }
}

function shown(value: unknown): string {
  const json = value === undefined ? 'nothing' : JSON.stringify(value)
  return json.length > 100 ? `${json.slice(0, 100)}...` : json
}
