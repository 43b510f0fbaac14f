import * as v from 'valibot'
import { may } from '../../../domain/rights.ts'
import type { Host } from '../../../host/contract/host.ts'
import type { Devices, StoredDevice } from '../../../store/devices.ts'
import { changeDevice, device as deviceSchema, type DeviceView } from '../../../wire/api/resources.ts'
import type { Departures } from '../../auth/departures.ts'
import type { Doorkeeper } from '../../auth/doorkeeper.ts'
import { nameOfDevice } from '../../auth/paired-devices.ts'
import { idOf, type ApiContext } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { emptyEndpoint, jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { isoTime } from '../views.ts'

/** `/devices`: members' kept devices. Everybody has to do with their own, the owner with all. */
export function deviceRoutes(options: {
  host: Host
  devices: Devices
  doorkeeper: Doorkeeper
  departures: Departures
}): ApiResource[] {
  const { host, devices, doorkeeper, departures } = options
  const list = (context: ApiContext) => {
    const { id, role, invitationId, device } = context.get('member')
    if (may(role, 'manage-sessions')) return devices.list()
    // Whoever comes by a link as it is, is one member with all who do, and has to do with no devices but the one that they are on.
    return devices.list(id).filter((each) => id !== invitationId || each.id === device?.id)
  }
  const find = (context: ApiContext): StoredDevice => {
    const found = list(context).find(({ id }) => id === idOf(context))
    if (found) return found
    throw new ApiError('device-not-found', 'Cannot find the device: there is none with this id, or it was taken away')
  }
  const view = async ({ addedMs, seenMs, ...device }: StoredDevice): Promise<DeviceView> => {
    const member = await doorkeeper.asOfNow({ id: device.memberId })
    return {
      ...device,
      member: member ? { name: member.name, role: member.role } : null,
      addedAt: isoTime(addedMs),
      lastSeenAt: seenMs === undefined ? null : isoTime(seenMs),
      sessions: [...host.sessions.values()]
        .filter((session) => session.member.device?.id === device.id)
        .map(({ id }) => id),
    }
  }
  return [
    resource('/devices', {
      GET: jsonEndpoint({
        id: 'listDevices',
        summary: "One's devices, oldest first; for the owner everybody's",
        action: 'watch',
        answer: v.array(deviceSchema),
        handle: (context) => Promise.all(list(context).map(view)),
      }),
    }),
    resource('/devices/:id', {
      PATCH: jsonEndpoint({
        id: 'renameDevice',
        summary: 'Call a device something else',
        action: 'watch',
        body: changeDevice,
        answer: deviceSchema,
        problems: ['device-not-found'],
        handle: (context, { name }) => {
          devices.rename(find(context).id, nameOfDevice(name))
          return view(find(context))
        },
      }),
      DELETE: emptyEndpoint({
        id: 'revokeDevice',
        summary: 'Take a device away: it opens nothing any more, and whoever is here on it is out; other devices stay',
        action: 'watch',
        problems: ['device-not-found'],
        handle: async (context) => {
          devices.remove(find(context).id)
          await departures.check()
        },
      }),
    }),
  ]
}
