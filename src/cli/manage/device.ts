import type { ApiClient } from '../../client/api/api-client.ts'
import type { DeviceView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'
import { momentOf, printable, table } from '../terminal/table.ts'
import { verbCommand } from './verb.ts'

const kinds = { token: 'browser', certificate: 'certificate', key: 'key' } as const

export const device = verbCommand('device', 'Devices: what members come on beside their own link.', {
  list: {
    help: 'the devices that are known, and when each was last here',
    args: [],
    flags: {},
    async run({ api }) {
      const devices = await api.devices()
      const rows = devices.map(({ id, name, member, kind, fingerprint, lastSeenAt, sessions }) => {
        const seen = sessions.length > 0 ? 'here now' : lastSeenAt === null ? 'never' : momentOf(lastSeenAt)
        return [id.slice(0, 8), name, member?.name ?? '', kinds[kind], seen, fingerprint.slice(0, 23)]
      })
      const names = ['ID', 'NAME', 'MEMBER', 'KIND', 'LAST HERE', 'FINGERPRINT']
      return { json: devices, text: table(names, rows, 'No device is known.') }
    },
  },
  name: {
    help: 'call a device something else',
    args: ['DEVICE', 'NAME'],
    flags: {},
    async run({ api, args: [meant = '', name = ''] }) {
      const renamed = await api.changeDevice((await findDevice(api, meant)).id, { name })
      return { json: renamed, text: `It is called ${printable(renamed.name)} now.\n` }
    },
  },
  revoke: {
    help: 'take a device away; whoever is here on it is out',
    args: ['DEVICE'],
    flags: {},
    async run({ api, args: [meant = ''] }) {
      const { id, name } = await findDevice(api, meant)
      await api.revokeDevice(id)
      return { json: { id, revoked: true }, text: `Took ${printable(name)} away.\n` }
    },
  },
})

/** The device that is meant: by its id, the beginning of it, or its name. Throws a UsageError when that is none, or several. */
async function findDevice(api: ApiClient, meant: string): Promise<DeviceView> {
  const devices = await api.devices()
  const exact = devices.find(({ id }) => id === meant)
  if (exact) return exact
  const called = meant.toLowerCase()
  const found = devices.filter(({ id, name }) => {
    return name.toLowerCase() === called || (meant.length >= 4 && id.startsWith(meant))
  })
  const [first, ...others] = found
  if (first && others.length === 0) return first
  const what = first ? `${found.length} are called so: ${found.map(({ id }) => id).join(', ')}` : 'there is none'
  throw new UsageError(
    'wrong-arguments',
    `Cannot tell which device "${meant}" is: ${what}. See npm start -- device list.`,
  )
}
