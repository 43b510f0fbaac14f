import type { NetworkView } from '../../wire/api/resources.ts'
import { facts } from '../terminal/table.ts'
import { verbCommand, type Told } from './verb.ts'

export const network = verbCommand(
  'network',
  'Whether other machines on the network reach the server that runs here.',
  {
    show: {
      help: 'whether the network is let in, and where',
      args: [],
      flags: {},
      run: async ({ api }) => told(await api.network()),
    },
    open: {
      help: 'let the network in, by HTTPS at each private address of this machine',
      args: [],
      flags: { remember: { type: 'boolean', help: 'also after a restart' } },
      run: async ({ api, flags }) =>
        told(await api.changeNetwork({ open: true, remember: flags['remember'] === true })),
    },
    close: {
      help: 'shut the network out, also after a restart; whoever came by it loses the connection',
      args: [],
      flags: {},
      run: async ({ api }) => told(await api.changeNetwork({ open: false })),
    },
  },
)

const fixedBecause: Readonly<Record<NonNullable<NetworkView['fixed']>, string>> = {
  'host-given': 'said at the start with --host',
  'no-https': 'HTTPS is turned off at the start',
}

function told(view: NetworkView): Told {
  const { open, remembered, fixed, port, udpPort, addresses, certificate } = view
  const until = remembered ? 'also after a restart' : 'until the server ends'
  const text = facts([
    ['Network', open ? `let in, ${fixed === null ? until : fixedBecause[fixed]}` : 'shut out: this computer only'],
    ...(fixed !== null && !open ? [['Because', fixedBecause[fixed]] as const] : []),
    ...addresses.map(
      ({ link, interface: name }, index) =>
        [index > 0 ? '' : open ? 'Links' : 'Would be', `${link} (${name})`] as const,
    ),
    ['Ports', `TCP ${port}, UDP ${udpPort}`],
    ...(certificate ? [['SHA-256', certificate.fingerprint] as const] : []),
  ])
  return { json: view, text }
}
