import { chmod, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The file of the socket that a display listens on. */
export interface ServerSocket {
  /** Where clients look for it. */
  readonly path: string
  /** Where it is: `path`, or what that leads to. */
  readonly real: string
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
  const target = await readlink(path).catch(() => undefined)
  const real = target === undefined ? path : resolve(dirname(path), target)
  return { path, real, identity: await identityOf(path) }
}

/** Lets clients find a socket that a server has made somewhere else. Rejects when the place is somebody else's. */
export async function linkServerSocket(displayNumber: number, real: string): Promise<void> {
  const path = socketPathOf(displayNumber)
  if ((await mkdir(dirname(path), { recursive: true })) !== undefined) await chmod(dirname(path), 0o1777)
  await rm(path, { force: true })
  await symlink(real, path)
}

/** Removes the socket of a dead server, if it is still there: a server that was killed leaves it behind. */
export async function removeServerSocket(socket: ServerSocket): Promise<void> {
  const identity = await identityOf(socket.path).catch(() => undefined)
  if (identity === socket.identity) await rm(socket.path, { force: true })
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino, birthtimeNs, ctimeNs } = await lstat(path, { bigint: true })
  return [dev, ino, birthtimeNs, ctimeNs].join('/')
}
