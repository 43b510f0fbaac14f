import * as v from 'valibot'
import { firstFault, table, wanted } from './table-schema.ts'

/** The keys of an app's definition that say how it is run. */

/** Absolute and plain: nothing that leads back up, nothing that a list of paths would be split at. */
const path = v.pipe(v.string(), v.maxLength(4096), v.regex(/^(?:\/(?!\.{1,2}(?:\/|$))[^/\0:,]+)+$/))
const paths = v.optional(firstFault(v.pipe(v.array(path), v.maxLength(32))))

/** What is for a picture, and gamepads: no node by which one could reach the machine. */
const device = v.pipe(v.string(), v.regex(/^\/dev\/(dri(\/\w+)?|kfd|nvidia[\w-]*|input\/event\d{1,4}|video\d{1,3})$/))

const reach = {
  network: v.optional(v.boolean()),
  readable: paths,
  writable: paths,
  devices: v.optional(firstFault(v.pipe(v.array(device), v.maxLength(32)))),
}
const ofReach = 'network (true or false), readable and writable (lists of absolute paths), devices (such as "/dev/dri")'

const memory = v.pipe(
  v.string(),
  v.regex(/^\d{1,7}(?:\.\d{1,3})? ?[MG]iB$/),
  v.check((text) => {
    const mebibytes = Number.parseFloat(text) * (text.endsWith('GiB') ? 1024 : 1)
    return mebibytes >= 16 && mebibytes <= 64 * 1024 ** 2
  }),
)

const limits = table({
  cpus: v.optional(v.pipe(v.number(), v.minValue(0.05), v.maxValue(1024))),
  memory: v.optional(memory),
  processes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000))),
  required: v.optional(v.boolean()),
})

const container = table({
  ...reach,
  image: v.pipe(v.string(), v.maxLength(255), v.regex(/^[A-Za-z\d][\w.:/@-]*$/)),
  pull: v.optional(v.picklist(['missing', 'always', 'never'])),
  user: v.optional(v.pipe(v.string(), v.regex(/^\d{1,10}(:\d{1,10})?$/))),
  writableImage: v.optional(v.boolean()),
})

/** The name of a profile, which is a directory too. */
export const profileName = v.pipe(v.string(), v.regex(/^[a-z\d][a-z\d-]{0,63}$/))

export const runKeys = {
  onExit: v.optional(wanted('"end" or "restart"', v.picklist(['end', 'restart']))),
  runsUntil: v.optional(
    wanted('"command", "last-window" or "last-process"', v.picklist(['command', 'last-window', 'last-process'])),
  ),
  profile: v.optional(wanted('a name of a-z, 0-9 and -, at most 64 long', profileName)),
  limits: v.optional(
    wanted(
      'a table of cpus (from 0.05), memory (such as "2 GiB", from "16 MiB"), processes (from 1) and required (true or false)',
      limits,
    ),
  ),
  sandbox: v.optional(wanted(`true, false or a table of ${ofReach}`, v.union([v.boolean(), table(reach)]))),
  container: v.optional(
    wanted(
      `a table of image (such as "docker.io/library/debian:12"), pull ("missing", "always" or "never"), user (such as "1000:1000"), writableImage (true or false), ${ofReach}`,
      container,
    ),
  ),
}
