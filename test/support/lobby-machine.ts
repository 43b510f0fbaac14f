import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cookieLength } from '../../src/host/display/x11/authority.ts'
import { openXConnection, type XConnection } from '../../src/host/display/x11/x-connection.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { eventually } from './eventually.ts'
import { processesOf, processesOfLobby, type FoundProcess } from './processes-of.ts'
import type { RunningPorchlight } from './running-porchlight.ts'

/** What a lobby runs on, seen from the machine: its processes, its display, its home. */
export class LobbyMachine {
  readonly #house: RunningPorchlight
  readonly lobbyId: string

  constructor(house: RunningPorchlight, lobbyId: string) {
    this.#house = house
    this.lobbyId = lobbyId
  }

  /** A file in the home of an app. */
  homeFile(appId: string, name: string): string {
    return join(this.#house.directory, 'data', 'homes', appId, 'default', name)
  }

  /** The text of a file in the home of an app, as soon as there is one and it is as wanted. */
  async textOf(appId: string, name: string, accept: (text: string) => boolean = () => true): Promise<string> {
    const read = () => readFile(this.homeFile(appId, name), 'utf8').catch(() => undefined)
    const isWanted = (text: string | undefined) => text !== undefined && accept(text)
    return (await eventually(read, isWanted, { what: `the file ${name} as wanted` })) ?? ''
  }

  /** The processes of its app, oldest first. */
  async appProcesses(): Promise<readonly FoundProcess[]> {
    const { directory } = this.#house
    const all = await processesOfLobby(this.lobbyId)
    return all.filter(({ environment }) => environment.some((text) => text.includes(directory)))
  }

  /** The X server of its display. */
  async displayServer(): Promise<FoundProcess> {
    const path = `/lobbies/${this.lobbyId}/`
    const all = await processesOf(this.#house.directory)
    const found = all.find(({ commandLine }) => /^\S*Xv(nc|fb) /.test(commandLine) && commandLine.includes(path))
    return found ?? assert.fail('The lobby has no X server')
  }

  /** The environment of its app. */
  async environment(): Promise<Readonly<Record<string, string>>> {
    const [app] = await this.appProcesses()
    assert.ok(app, 'no app runs in the lobby')
    return Object.fromEntries(
      app.environment
        .filter((entry) => entry.includes('='))
        .map((entry) => {
          const at = entry.indexOf('=')
          return [entry.slice(0, at), entry.slice(at + 1)]
        }),
    )
  }

  /** Starts a program as the app would. */
  async start(command: string, args: readonly string[]): Promise<ChildProcess> {
    const child = spawn(command, args, { env: await this.environment(), stdio: ['pipe', 'ignore', 'inherit'] })
    await once(child, 'spawn')
    child.stdin?.on('error', () => {})
    return child
  }

  /** Runs a program as the app would, to its end. */
  async run(command: string, ...args: readonly string[]): Promise<void> {
    const child = await this.start(command, args)
    child.stdin?.end()
    const [code] = await once(child, 'exit')
    assert.equal(code, 0, `${command} ${args.join(' ')}`)
  }

  /** Paints the background of its display. */
  paint(colour: `#${string}`): Promise<void> {
    return this.run('xsetroot', '-solid', colour)
  }

  /** A connection of our own to its display. */
  async connect(): Promise<XConnection> {
    const { DISPLAY = '', XAUTHORITY = '' } = await this.environment()
    const cookie = (await readFile(XAUTHORITY)).subarray(-cookieLength)
    return openXConnection({ displayNumber: Number(DISPLAY.slice(1)), cookie, log: silentLog, clock: systemClock })
  }
}

/** The media processes of a server, oldest first: the one of the waiting rooms, then one for each lobby. */
export async function mediaProcesses(house: RunningPorchlight): Promise<readonly FoundProcess[]> {
  const all = await processesOf(house.directory)
  return all.filter(({ commandLine }) => commandLine.includes('src/media/process/main.ts'))
}

export async function soundServerProcess(house: RunningPorchlight): Promise<FoundProcess> {
  const all = await processesOf(house.directory)
  return all.find(({ commandLine }) => /^\S*pulseaudio /.test(commandLine)) ?? assert.fail('there is no sound server')
}

export async function viewerProcess(house: RunningPorchlight): Promise<FoundProcess> {
  const all = await processesOf(house.directory)
  const found = all.find(({ commandLine }) => commandLine.includes('src/viewer/process/main.ts'))
  return found ?? assert.fail('there is no viewer process')
}
