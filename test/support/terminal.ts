import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Display } from '../../src/host/display/contract/display.ts'
import { defaultPath } from '../../src/host/child/find-executable.ts'
import { spawnChild, type Child } from '../../src/host/child/spawn-child.ts'
import { systemClock } from '../../src/kernel/clock.ts'

/** An xterm over the whole of a display, and what is typed into it, byte by byte as a program in it gets it. */
export class Terminal implements AsyncDisposable {
  readonly #child: Child
  readonly #directory: string
  #begin = 0

  constructor(child: Child, directory: string) {
    this.#child = child
    this.#directory = directory
  }

  /** What has been typed since {@link forget}. */
  async typed(): Promise<string> {
    const bytes = await readFile(join(this.#directory, 'typed')).catch(() => Buffer.alloc(0))
    return bytes.subarray(this.#begin).toString('utf8')
  }

  /** Waits until exactly this has been typed, and a little longer in case that more comes; returns what was typed. */
  async expect(wanted: string, timeoutMs = 10_000): Promise<string> {
    const giveUpAtMs = systemClock.nowMs() + timeoutMs
    while (systemClock.nowMs() < giveUpAtMs && Buffer.byteLength(await this.typed()) < Buffer.byteLength(wanted)) {
      await pause(10)
    }
    await pause(100)
    return this.typed()
  }

  async forget(): Promise<void> {
    this.#begin = (await readFile(join(this.#directory, 'typed'))).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.close()
    await rm(this.#directory, { recursive: true })
  }
}

export async function openTerminal(display: Display): Promise<Terminal> {
  const directory = await mkdtemp(join(tmpdir(), 'terminal-'))
  const child = await spawnChild({
    command: ['xterm', '-u8', '-geometry', '300x100+0+0', '-e', 'stty raw -echo; exec cat > typed'],
    env: { ...display.env, PATH: defaultPath, LANG: 'C.UTF-8', HOME: directory, SHELL: '/bin/sh' },
    directory,
    clock: systemClock,
  })
  const terminal = new Terminal(child, directory)
  const input = display.openInput()
  // Without a window manager the keyboard goes where the pointer is. It listens when the first key gets through.
  input.send({ type: 'pointer', x: 0.5, y: 0.5 })
  while ((await terminal.typed()) === '') {
    for (const down of [true, false]) input.send({ type: 'key', code: 'KeyX', key: 'x', down })
    await pause(50)
  }
  input.close()
  await pause(100)
  await terminal.forget()
  return terminal
}
