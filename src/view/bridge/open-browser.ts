import { spawn } from 'node:child_process'
import { platform } from 'node:os'

/** What opens an address in the browser of this machine, with what stands before the address. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // The empty text is the title of a window, for which `start` would take an address in quotes.
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens an address in the browser of this machine. False where there is none that can be found. */
export async function openBrowser(url: string): Promise<boolean> {
  const [command, ...before] = openers[platform()] ?? ['xdg-open']
  const child = spawn(command, [...before, platform() === 'win32' ? url.replaceAll('&', '^&') : url], {
    detached: true,
    stdio: 'ignore',
  })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  child.once('error', () => resolve(false))
  // A browser that was begun by it goes on; what fails, fails at once.
  child.once('exit', (code) => resolve(code === 0))
  const timer = setTimeout(() => resolve(true), 2000)
  child.unref()
  const isOpen = await promise
  clearTimeout(timer)
  return isOpen
}
