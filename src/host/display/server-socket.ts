import { rm, stat } from 'node:fs/promises'

/** The file of the socket that a display listens on. */
export interface ServerSocket {
  readonly path: string
  /** Tells this very file from one that another server has put in its place since. */
  readonly identity: string
}

/** Where the X server of a display listens. */
export function socketPathOf(displayNumber: number): string {
  return `/tmp/.X11-unix/X${displayNumber}`
}

/** Looks at the socket of a server that has just started. */
export async function findServerSocket(displayNumber: number): Promise<ServerSocket> {
  const path = socketPathOf(displayNumber)
  return { path, identity: await identityOf(path) }
}

/** Removes the socket of a dead server, if it is still there: a server that was killed leaves it behind. */
export async function removeServerSocket(socket: ServerSocket): Promise<void> {
  const identity = await identityOf(socket.path).catch(() => undefined)
  if (identity === socket.identity) await rm(socket.path, { force: true })
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino, birthtimeNs, ctimeNs } = await stat(path, { bigint: true })
  return [dev, ino, birthtimeNs, ctimeNs].join('/')
}
