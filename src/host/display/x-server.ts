import { chmod, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { sleep, type Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/coded-error.ts'
import { defaultPath, findExecutable } from '../child/find-executable.ts'
import { hostMark } from '../child/process-tree.ts'
import type { ServerView, Shelter } from '../child/shelter.ts'
import { spawnChild, type Child } from '../child/spawn-child.ts'
import { reserveDisplayNumber, type DisplayNumber } from './display-number.ts'
import type { Display } from './contract/display.ts'
import { type Size, sizeText } from '../../domain/size.ts'
import { DisplayError } from './contract/display-error.ts'
import {
  findServerSocket,
  linkServerSocket,
  removeServerSocket,
  socketPathOf,
  type ServerSocket,
} from './server-socket.ts'
import { whyNoSockets } from './socket-directory.ts'

export type ServerName = Display['server']

/** The Debian packages that the servers come in. */
const packages: Readonly<Record<ServerName, string>> = { Xvnc: 'tigervnc-standalone-server', Xvfb: 'xvfb' }

/** How long a server may take to start, in milliseconds. */
const startTimeoutMs = 15_000

/** How many numbers are tried whose sockets others turn out to have. */
const mostTries = 20
const isTaken = /any listening sockets/i

export interface XServer {
  readonly server: ServerName
  readonly displayNumber: number
  readonly reserved: DisplayNumber
  readonly socket: ServerSocket
  readonly child: Child
}

export interface XServerOptions {
  readonly size: Size
  readonly authorityFile: string
  readonly directory: string
  readonly shelter: Shelter
  /** Of the host that the server belongs to: it is found by that when the host was killed. */
  readonly hostId?: string
  readonly clock: Clock
  /** Which server to try first; Xvnc by default, as it can be resized. */
  readonly prefer?: ServerName
  /** Where programs are looked for, like PATH; the standard directories by default. */
  readonly searchPath?: string
}

/**
 * Starts an X server on a free display number; it says when it is ready. It listens on its local socket only.
 * Rejects with {@link DisplayError}: `server-missing`, `server-did-not-start`.
 */
export async function startXServer(options: XServerOptions): Promise<XServer> {
  const server = await chooseServer(options)
  const obstacle = await whyNoSockets()
  if (obstacle !== undefined) throw new DisplayError('server-did-not-start', `Cannot open a display: ${obstacle}`)
  let from = 0
  for (let tries = 1; ; tries++) {
    const reserved = await reserveDisplayNumber(options.hostId, from).catch((error: unknown) => {
      throw new DisplayError('server-did-not-start', messageOf(error), { cause: error })
    })
    try {
      return await startOn(reserved, server, options)
    } catch (error) {
      await reserved.release()
      // The file of a socket may be another server's although there is no lock of it.
      if (tries === mostTries || !isTaken.test(messageOf(error))) throw error
      from = reserved.number + 1
    }
  }
}

function socketsIn(directory: string): string {
  return join(directory, 'sockets')
}

/** What a server sees beside the system, and programs of the host that speak to it alone. */
export function viewOf(directory: string): ServerView {
  return { writable: [directory], placed: [[socketsIn(directory), dirname(socketPathOf(0))]] }
}

async function startOn(reserved: DisplayNumber, server: ServerName, options: XServerOptions): Promise<XServer> {
  const { hostId, shelter, directory } = options
  const socketPath = socketPathOf(reserved.number)
  const sockets = socketsIn(directory)
  if (shelter.isEnclosed) {
    await mkdir(sockets, { recursive: true })
    await chmod(sockets, 0o1777)
  }
  await shelter.give(directory)
  const child = await spawnChild({
    command: commandOf(server, reserved.number, options),
    // Capture reads the picture from memory that it shares with the server.
    wrapper: shelter.wrap({ ...viewOf(directory), sharesMemory: true }),
    // The server starts xkbcomp by itself, which needs PATH.
    env: {
      PATH: options.searchPath ?? defaultPath,
      HOME: options.directory,
      ...(hostId !== undefined && hostMark(hostId)),
    },
    directory: options.directory,
    clock: options.clock,
    reportPipe: true,
  }).catch((error: unknown) => {
    throw new DisplayError('server-did-not-start', messageOf(error), { cause: error })
  })
  try {
    const displayNumber = await readDisplayNumber(child, server, options.clock)
    if (shelter.isEnclosed) await linkServerSocket(displayNumber, join(sockets, basename(socketPath)))
    return { server, child, displayNumber, reserved, socket: await findServerSocket(displayNumber) }
  } catch (error) {
    await child.close()
    throw error
  }
}

/** Ends a server, or waits until it has ended, and removes what one that was killed leaves. */
export async function endXServer({ child, socket, reserved }: XServer): Promise<void> {
  await child.close()
  await removeServerSocket(socket)
  await reserved.release()
}

async function chooseServer({ prefer, searchPath }: XServerOptions): Promise<ServerName> {
  const order: readonly ServerName[] = prefer === 'Xvfb' ? ['Xvfb', 'Xvnc'] : ['Xvnc', 'Xvfb']
  for (const name of order) if (await findExecutable(name, searchPath)) return name
  throw new DisplayError(
    'server-missing',
    `Cannot open a display: neither Xvnc nor Xvfb is installed. ` +
      `Install the Debian package ${packages.Xvnc} (can be resized) or ${packages.Xvfb}`,
  )
}

function commandOf(server: ServerName, number: number, options: XServerOptions): readonly [string, ...string[]] {
  const { authorityFile } = options
  // With the descriptor for its number a server makes no lock of its own: the one that was made before it counts.
  const common = [
    `:${number}`,
    '-displayfd',
    '3',
    '-auth',
    authorityFile,
    ...['tcp', 'local'].flatMap((transport) => ['-nolisten', transport]),
    '-noreset',
    '-s',
    '0',
    '-br',
  ]
  return server === 'Xvnc'
    ? [
        'Xvnc',
        ...common,
        '-geometry',
        sizeText(options.size),
        '-depth',
        '24',
        '-rfbport',
        '-1',
        '-SecurityTypes',
        'None',
        // Of its settings, clients change none.
        '-AllowOverride',
        '',
      ]
    : ['Xvfb', ...common, '-screen', '0', `${sizeText(options.size)}x24`]
}

/** The number that the server writes to its descriptor 3, with a line feed, once it can be connected to. */
async function readDisplayNumber(child: Child, server: ServerName, clock: Clock): Promise<number> {
  const giveUp = new AbortController()
  const said = await Promise.race([
    firstLine(child),
    child.closed.then(() => ''),
    sleep(clock, startTimeoutMs, giveUp.signal).then(
      () => '',
      () => '',
    ),
  ])
  giveUp.abort()
  if (!/^\d+$/.test(said)) {
    const words = child.output.slice(-3).join(' / ')
    throw new DisplayError(
      'server-did-not-start',
      `${server} did not start; it said: ${words === '' ? 'nothing' : words}`,
    )
  }
  return Number(said)
}

async function firstLine(child: Child): Promise<string> {
  let line = ''
  // Leaving the loop would close the pipe, which is right: the server writes nothing more.
  for await (const chunk of child.report ?? []) {
    line += String(chunk)
    if (line.includes('\n')) break
  }
  return line.trim()
}
