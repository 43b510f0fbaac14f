import { closeSync } from 'node:fs'

/** A name of the network namespace that nobody else can listen on until it is released. */
export interface HeldName {
  release(): void
}

/** Of socket(2) on Linux. */
const unixFamily = 1
const streamThatClosesOnExec = 1 | 0o2000000

/**
 * Takes the abstract name of a socket (unix(7)) without listening on it. Clients of X try that name before the file: whoever had
 * it would be taken for the server. Resolves with `taken` when somebody has it, with undefined where names cannot be held.
 */
export async function holdAbstractName(name: string): Promise<HeldName | 'taken' | undefined> {
  const calls = await loadCalls()
  if (!calls) return undefined
  const fd = calls.socket(unixFamily, streamThatClosesOnExec, 0)
  if (fd < 0) return undefined
  const address = Buffer.concat([Buffer.from([unixFamily, 0, 0]), Buffer.from(name)])
  if (calls.bind(fd, address, address.length) === 0) return { release: () => closeSync(fd) }
  closeSync(fd)
  return 'taken'
}

async function loadCalls() {
  try {
    const { default: koffi } = await import('koffi')
    const libc = koffi.load('libc.so.6')
    return {
      socket: libc.func('int socket(int domain, int type, int protocol)'),
      bind: libc.func('int bind(int fd, uint8_t *address, uint32_t length)'),
    }
  } catch {
    return undefined
  }
}
