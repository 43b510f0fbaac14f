import type { Log } from '../../../kernel/log.ts'
import { messageOf } from '../../../kernel/coded-error.ts'
import { changeNetwork, network } from '../../../wire/api/resources.ts'
import type { NetworkDoor } from '../../network/network-door.ts'
import { NetworkError } from '../../network/network-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import { resource, type ApiResource } from '../resource.ts'
import { cameByNetwork, cameTrusted } from '../trusted-way.ts'

/** Whether the network that the host is on is let in: for the owner alone. */
export function networkRoutes(options: {
  network: Pick<NetworkDoor, 'view' | 'change'>
  allowedOrigins: readonly string[]
  log: Log
}): ApiResource[] {
  const { network: door, allowedOrigins, log } = options
  return [
    resource('/network', {
      GET: jsonEndpoint({
        id: 'readNetwork',
        summary: 'Whether other machines reach this host by themselves, and where',
        action: 'manage-network',
        answer: network,
        handle: () => door.view,
      }),
      PUT: jsonEndpoint({
        id: 'changeNetwork',
        summary: 'Let the network in while the server runs, by HTTPS at each private address, or shut it out again',
        action: 'manage-network',
        body: changeNetwork,
        answer: network,
        problems: [
          'network-fixed',
          'network-not-from-here',
          'no-private-address',
          'port-in-use',
          'too-many-changes',
          'disk-full',
        ],
        async handle(context, wanted) {
          const { incoming, outgoing } = context.env
          if (!cameTrusted(incoming, allowedOrigins)) throw new NetworkError('network-not-from-here', notFromHere)
          if (wanted.open || !cameByNetwork(incoming)) {
            await door.change(wanted)
            return door.view
          }
          // Who came this way is shut out with all others, and hears of it first.
          outgoing.once('close', () => {
            door
              .change(wanted)
              .catch((error: unknown) => log.error('The network could not be shut out', { error: messageOf(error) }))
          })
          return { ...door.view, open: false, remembered: false }
        },
      }),
    }),
  ]
}

const notFromHere =
  'Cannot change this by plain HTTP over a network: somebody on the way could have asked for it. Use HTTPS, the page on the host itself, or npm start -- network there.'
