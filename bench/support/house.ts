import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { LobbyMachine } from '../../test/support/lobby-machine.ts'
import { processesOf } from '../../test/support/processes-of.ts'
import type { RunningPorchlight } from '../../test/support/running-porchlight.ts'

/** Its processes by what they are for. */
export async function processGroups(house: RunningPorchlight) {
  const all = await processesOf(house.directory)
  const named = (pattern: RegExp) => all.filter(({ commandLine }) => pattern.test(commandLine)).map(({ pid }) => pid)
  return {
    server: [house.pid],
    /** Packets, pacing, congestion and sockets of all viewers. */
    viewers: named(/src\/viewer\/process\/main\.ts/),
    /** Capture and encoders: that of the waiting rooms and those of the lobbies. */
    media: named(/src\/media\/process\/main\.ts/),
    display: named(/^\S*Xv(nc|fb) /),
    sound: named(/^\S*(pulseaudio|parec) /),
  }
}

/** A program on a lobby's display, until it is disposed of. */
export interface LobbyProgram extends AsyncDisposable {
  readonly pid: number
}

/** Fills the lobby's pictures with what moves; see moving-field.ts. */
export function startMovingField(house: RunningPorchlight, lobbyId: string): Promise<LobbyProgram> {
  return startInLobby(house, lobbyId, process.execPath, fileURLToPath(new URL('moving-field.ts', import.meta.url)))
}

/** Fills the lobby's sound with noise, which Opus spends its whole bitrate on. */
export function startNoise(house: RunningPorchlight, lobbyId: string): Promise<LobbyProgram> {
  return startInLobby(house, lobbyId, 'pacat', '--raw', '--volume=6000', '/dev/urandom')
}

async function startInLobby(house: RunningPorchlight, lobbyId: string, command: string, ...args: readonly string[]) {
  const child = await new LobbyMachine(house, lobbyId).start(command, args)
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

/** How late the server's event loop ran since the last call, in milliseconds. */
export async function eventLoopDelayMs(house: RunningPorchlight): Promise<{ p50: number; p99: number; max: number }> {
  const metrics = await house.metrics()
  const at = (quantile: string) => {
    return (metrics.get(`porchlight_event_loop_delay_seconds{quantile="${quantile}"}`) ?? Number.NaN) * 1000
  }
  return { p50: at('0.5'), p99: at('0.99'), max: at('1') }
}
