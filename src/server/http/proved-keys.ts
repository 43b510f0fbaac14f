import type { DeviceCredential } from '../auth/member-source.ts'

/**
 * Connections that a device has proved its key on before the first request came by them: they are let in by it, whatever a request brings
 * along, for as long as the device may.
 */
export class ProvedKeys {
  readonly #keys = new WeakMap<object, DeviceCredential>()

  add(socket: object, credential: DeviceCredential): void {
    this.#keys.set(socket, credential)
  }

  of(socket: object): DeviceCredential | undefined {
    return this.#keys.get(socket)
  }
}
