import { printableName } from '../../host/printable-name.ts'
import type { Member } from '../../domain/member.ts'
import { maxDevicesPerMember, type Devices, type StoredDevice } from '../../store/devices.ts'
import { maxDeviceNameLength } from '../../wire/api/resources.ts'
import { proofOf } from './device-source.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import type { Admitted, Credential, DeviceCredential } from './member-source.ts'
import { MembersError } from './members-error.ts'

/** What gateways ask whose clients are devices: they show a certificate or a key, and no token. */
export interface DeviceDoor {
  /** Whom a device lets in now, or why nobody. May reject with a StoreError. */
  admitDevice(credential: DeviceCredential): Promise<Admitted>
  /**
   * Makes it a device of the member who has vouched for it, by typing the PIN that it shows for instance, whosever it was before.
   * Rejects with MembersError `too-many-devices` or `invalid-fingerprint`, or a StoreError.
   */
  pairDevice(device: {
    readonly member: Member
    readonly credential: DeviceCredential
    readonly name: string
  }): Promise<StoredDevice>
}

/** Members' devices: how they become theirs, and come in. */
export class PairedDevices implements DeviceDoor {
  readonly #devices: Devices
  readonly #doorkeeper: Pick<Doorkeeper, 'admit'>

  constructor(options: { readonly devices: Devices; readonly doorkeeper: Pick<Doorkeeper, 'admit'> }) {
    this.#devices = options.devices
    this.#doorkeeper = options.doorkeeper
  }

  admitDevice(credential: DeviceCredential): Promise<Admitted> {
    return this.#doorkeeper.admit(credential)
  }

  pairDevice({ member, ...device }: Parameters<DeviceDoor['pairDevice']>[0]): Promise<StoredDevice> {
    return this.add({ memberId: member.id, ...device })
  }

  /** A device of whoever has this id. Rejects as {@link pairDevice}. */
  async add(device: {
    readonly memberId: string
    readonly credential: Credential
    readonly name: string
  }): Promise<StoredDevice> {
    const { memberId, credential } = device
    const proof = proofOf(credential)
    if (!proof) {
      throw new MembersError(
        'invalid-fingerprint',
        'Cannot add the device: wanted a SHA-256 fingerprint of 64 hexadecimal digits',
      )
    }
    const name = nameOfDevice(device.name)
    return this.#devices.add({ ...proof, memberId, name }) ?? this.#refuse()
  }

  /** Rejects with MembersError `too-many-devices` when there is no room for one more. */
  async demandRoom(memberId: string): Promise<void> {
    if (this.#devices.list(memberId).length >= maxDevicesPerMember) this.#refuse()
  }

  #refuse(): never {
    throw new MembersError(
      'too-many-devices',
      `Cannot add the device: you have ${maxDevicesPerMember}, the limit here. Take one away first that you do not use any more.`,
    )
  }
}

/** One line of what somebody calls a device. */
export function nameOfDevice(name: string): string {
  return printableName(name, 'Device').slice(0, maxDeviceNameLength).trim()
}
