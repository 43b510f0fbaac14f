import * as v from 'valibot'

/** Where the value of a setting comes from: the first of these that has one. */
export const settingSources = ['flag', 'variable', 'database', 'default'] as const
export type SettingSource = (typeof settingSources)[number]

/** A setting's value in JSON and TOML. */
export const settingValue = v.union([v.string(), v.number(), v.boolean(), v.array(v.unknown())])
export type SettingValue = string | number | boolean | readonly unknown[]

/** `GET /settings` (owner) lists them all. */
export const setting = v.object({
  /** That of its flag, without the dashes. */
  name: v.string(),
  help: v.string(),
  /** Completes "wanted ...". */
  wanted: v.string(),
  /** As it would be typed. */
  example: v.string(),
  kind: v.picklist(['switch', 'choice', 'text', 'list']),
  /** Of a choice. */
  choices: v.array(v.string()),
  /** What is in use; null where that follows from the machine, and of a secret. */
  value: v.nullable(settingValue),
  source: v.picklist(settingSources),
  /** Whether the database has a value. */
  isKept: v.boolean(),
  /** That value; null of a secret. */
  kept: v.nullable(settingValue),
  /** What holds where nobody has said anything, in words. */
  usual: v.string(),
  /** Its value is never told. */
  secret: v.boolean(),
  applies: v.picklist(['at-once', 'next-start']),
  /** Whether another value than the one in use counts from the next start on. */
  waits: v.boolean(),
  /** Why the kept value is not used, if it cannot be. */
  unusable: v.nullable(v.string()),
})
export type SettingView = v.InferOutput<typeof setting>

const mostSettings = 100

/** `PATCH /settings` (owner): values by name; null forgets one. */
export const changeSettings = v.pipe(
  v.record(v.string(), v.nullable(settingValue)),
  v.check((change) => Object.keys(change).length <= mostSettings, `wanted at most ${mostSettings} settings`),
)
export type ChangeSettings = Readonly<Record<string, SettingValue | null>>
