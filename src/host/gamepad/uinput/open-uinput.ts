import { accessSync, closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { getSystemErrorName } from 'node:util'
import type { Clock } from '../../../kernel/clock.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import type { GamepadPort } from '../gamepad.ts'
import { GamepadError } from '../gamepad-error.ts'
import { inputEventBytes } from './kernel-layout.ts'
import { openUinputGamepad, type UinputFile } from './uinput-gamepad.ts'

/** Events that are read at a time. */
const eventsAtOnce = 64

type Ioctl = (fd: number, request: number, argument: number | Uint8Array) => void

/**
 * Finds out whether this machine can have virtual gamepads, and gives where they come from. Rejects with GamepadError
 * `uinput-missing`, `uinput-forbidden`, `native-missing`.
 */
export async function openUinput({
  clock,
  path = '/dev/uinput',
}: {
  clock: Clock
  path?: string
}): Promise<GamepadPort> {
  tryFile(path)
  const ioctl = await loadIoctl()
  return {
    open() {
      try {
        return openUinputGamepad(openFile(path, ioctl), clock)
      } catch (error) {
        throw new GamepadError('device-failed', `Cannot make a virtual gamepad: ${messageOf(error)}`, { cause: error })
      }
    },
  }
}

/** A node without a driver behind it shows only when it is opened. */
function tryFile(path: string): void {
  try {
    accessSync(path, constants.F_OK)
    closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EACCES' || code === 'EPERM') {
      const remedy =
        `Let whoever runs the server write to ${path}: as root, run  setfacl -m u:$USER:rw ${path}  ` +
        `or add a udev rule  KERNEL=="uinput", GROUP="input", MODE="0660"  and join that group.`
      throw new GamepadError('uinput-forbidden', `${path} may not be used. ${remedy}`, { cause: error })
    }
    throw new GamepadError(
      'uinput-missing',
      `${path} is not there. As root, run  modprobe uinput ; a container needs  --device ${path} .`,
      { cause: error },
    )
  }
}

async function loadIoctl(): Promise<Ioctl> {
  try {
    const { default: koffi } = await import('koffi')
    const libc = koffi.load('libc.so.6')
    // One function, declared for each kind of its last argument.
    const withNumber = libc.func('int ioctl(int fd, unsigned long request, long argument)')
    const withStructure = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)')
    return (fd, request, argument) => {
      const call = typeof argument === 'number' ? withNumber : withStructure
      if (call(fd, request, argument) === -1) {
        throw new Error(`ioctl 0x${request.toString(16)} failed: ${getSystemErrorName(-koffi.errno())}`)
      }
    }
  } catch (error) {
    throw new GamepadError('native-missing', `Cannot call the system's library: ${messageOf(error)}. Run npm ci.`, {
      cause: error,
    })
  }
}

function openFile(path: string, ioctl: Ioctl): UinputFile {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const buffer = new Uint8Array(eventsAtOnce * inputEventBytes)
  return {
    ioctl: (request, argument) => ioctl(fd, request, argument),
    write: (bytes) => void writeSync(fd, bytes),
    read() {
      try {
        return buffer.subarray(0, readSync(fd, buffer))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return buffer.subarray(0, 0)
        throw error
      }
    },
    close: () => closeSync(fd),
  }
}
