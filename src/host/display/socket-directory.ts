import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'

/**
 * Why no X server can start here for want of a place for its socket, and how to change that; undefined when there is one. An X
 * server itself says so only after some seconds of trying.
 */
export async function whyNoSockets(directory = '/tmp/.X11-unix', parent = '/tmp'): Promise<string | undefined> {
  const found = await stat(directory).catch((error: unknown) => error as NodeJS.ErrnoException)
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') return explain(directory, found)
    // The first server makes it.
    return whyNotWritable(parent)
  }
  if (!found.isDirectory()) return `X servers put their sockets into ${directory}, which is no directory: remove it`
  return (await whyNotWritable(directory)) ?? whyNotWritable(parent)
}

async function whyNotWritable(directory: string): Promise<string | undefined> {
  try {
    await access(directory, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return explain(directory, error as NodeJS.ErrnoException)
  }
}

function explain(directory: string, { code, message }: NodeJS.ErrnoException): string {
  const remedy =
    code === 'EROFS'
      ? `it is mounted read-only: mount it writable, or in a container give it one of its own (--tmpfs ${directory}:mode=1777)`
      : code === 'EACCES'
        ? `this user may not write there: chmod 1777 ${directory}`
        : message
  return `X servers put their sockets and locks into ${directory}, and ${remedy}`
}
