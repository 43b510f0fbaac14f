import { isAbsolute, normalize } from 'node:path'
import * as v from 'valibot'
import { usualProfile } from '../../host/apps/defined-app.ts'
import { readMemory, type ContainerRules, type RunLimits, type SandboxRules } from '../../host/run/run-rules.ts'

/** The keys of an app's table that say how it is run. */

const path = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((given) => isAbsolute(given) && normalize(given) === given && !/[\0:,]|\/$/.test(given)),
)
const paths = v.optional(v.pipe(v.array(path), v.maxLength(32)), [])

/** What is for a picture, and gamepads: no node by which one could reach the machine. */
const device = v.pipe(v.string(), v.regex(/^\/dev\/(dri(\/\w+)?|kfd|nvidia[\w-]*|input\/event\d{1,4}|video\d{1,3})$/))

const reach = {
  network: v.optional(v.boolean(), false),
  readable: paths,
  writable: paths,
  devices: v.optional(v.pipe(v.array(device), v.maxLength(32)), []),
}

const limits: v.GenericSchema<unknown, RunLimits> = v.pipe(
  v.strictObject({
    cpus: v.optional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(1024))),
    memory: v.optional(
      v.pipe(
        v.string(),
        v.transform((given) => readMemory(given)),
        v.number(),
        v.minValue(16 * 1024 ** 2),
        v.maxValue(64 * 1024 ** 4),
      ),
    ),
    processes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
  }),
  v.transform(({ cpus, memory, processes }) => ({ cpus, memoryBytes: memory, processes })),
)

const sandbox: v.GenericSchema<unknown, SandboxRules | undefined> = v.pipe(
  v.lazy((given) => (typeof given === 'boolean' ? v.boolean() : v.strictObject(reach))),
  v.transform((given) => {
    if (given === false) return undefined
    return given === true ? { network: false, readable: [], writable: [], devices: [] } : given
  }),
)

const container: v.GenericSchema<unknown, ContainerRules> = v.pipe(
  v.strictObject({
    ...reach,
    image: v.pipe(v.string(), v.maxLength(255), v.regex(/^[A-Za-z\d][\w.:/@-]*$/)),
    pull: v.optional(v.picklist(['missing', 'always', 'never']), 'missing'),
    user: v.optional(v.pipe(v.string(), v.regex(/^\d{1,10}(:\d{1,10})?$/))),
    writableImage: v.optional(v.boolean(), false),
  }),
  v.transform(({ user, ...rules }) => ({ ...rules, user })),
)

/** The name of a profile, which is a directory too. */
export const profileName = v.pipe(v.string(), v.regex(/^[a-z\d][a-z\d-]{0,63}$/))

const ofReach = 'network (true or false), readable and writable (lists of absolute paths), devices (such as "/dev/dri")'

export const runKeys = {
  onExit: { schema: v.optional(v.picklist(['end', 'restart']), 'end'), wanted: '"end" or "restart"' },
  profile: { schema: v.optional(profileName, usualProfile), wanted: 'a name of a-z, 0-9 and -, at most 64 long' },
  limits: {
    schema: v.optional(limits, {}),
    wanted: 'a table of cpus (from 0.05), memory (such as "2 GiB", from "16 MiB") and processes (from 1)',
  },
  sandbox: { schema: v.optional(sandbox, false), wanted: `true, false or a table of ${ofReach}` },
  container: {
    schema: v.optional(container),
    wanted: `a table of image (such as "docker.io/library/debian:12"), pull ("missing", "always" or "never"), user (such as "1000:1000"), writableImage (true or false), ${ofReach}`,
  },
} as const
