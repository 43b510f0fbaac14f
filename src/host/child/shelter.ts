/** What a server may see beside the system that everybody sees. All paths are absolute. */
export interface ServerView {
  /** Directories of its own; it starts in the first. */
  readonly writable: readonly [string, ...string[]]
  /** Directories that are somewhere else for it: `[outside, inside]`. */
  readonly placed?: readonly (readonly [string, string])[]
  /** It shares memory with processes outside (shmget(2)). */
  readonly sharesMemory?: boolean
}

/** What the servers of one lobby, which its app speaks to, are shut in. */
export interface Shelter {
  /** Whether what is placed somewhere else is there. */
  readonly isEnclosed: boolean
  /** The words to put before the command of a server. */
  wrap(view: ServerView): readonly string[]
  /** Hands files and directories, with all that is in them, to the user that servers and app run as. */
  give(...paths: readonly string[]): Promise<void>
}

/** None: a server is a plain child of this process. */
export const noShelter: Shelter = { isEnclosed: false, wrap: () => [], give: async () => {} }
