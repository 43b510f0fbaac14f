/** What the process ends with; docs/configuration.md lists them. */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** Another server has the data directory. */
  inUse: 3,
  /** 128 + SIGINT, as shells count. */
  forced: 130,
} as const
