import { ShareError } from '../../../party/share/share-error.ts'
import { openPort, partyNetwork, readPortId, sharePort } from '../../../wire/api/party-network.ts'
import type { HostNetwork } from '../../party/host-network.ts'
import { idOf } from '../api-context.ts'
import { ApiError } from '../api-error.ts'
import { jsonEndpoint } from '../endpoint.ts'
import type { ProblemCode } from '../problem.ts'
import { resource, type ApiResource } from '../resource.ts'

const problems: readonly ProblemCode[] = ['parties-off', 'party-refused', 'not-found']

/** `/party/network`: how members reach each other, and the ports that they share, for the owner alone. */
export function partyNetworkRoutes({ network }: { network: HostNetwork | undefined }): ApiResource[] {
  const action = 'manage-party'
  /** Does it, and tells how it is then. */
  const changed = async (deed: (here: HostNetwork) => unknown) => {
    if (!network) throw new ApiError('parties-off', 'Parties are turned off here: start with --parties own')
    try {
      await deed(network)
    } catch (error) {
      if (!(error instanceof ShareError)) throw error
      throw new ApiError('party-refused', error.message)
    }
    return network.view()
  }
  const named = (text: string) => {
    const found = readPortId(text)
    if (found) return found
    throw new ApiError('not-found', 'There is no such port: wanted one like tcp-25565')
  }
  return [
    resource('/party/network', {
      GET: jsonEndpoint({
        id: 'readPartyNetwork',
        summary: 'How each member of the party is reached, the virtual LAN, and which ports are shared and open',
        action,
        answer: partyNetwork,
        problems,
        handle: () => changed(() => {}),
      }),
    }),
    resource('/party/shares', {
      POST: jsonEndpoint({
        id: 'sharePort',
        summary: 'Let members of the party come to a port of this machine',
        action,
        body: sharePort,
        answer: partyNetwork,
        problems,
        handle: (_context, { host = '127.0.0.1', hostPort, members, ...rest }) =>
          changed((here) => {
            here.share({ ...rest, host, hostPort: hostPort ?? rest.port, ...(members && { members }) })
          }),
      }),
    }),
    resource('/party/shares/:id', {
      DELETE: jsonEndpoint({
        id: 'unsharePort',
        summary: 'Share a port no more, named like tcp-25565',
        action,
        answer: partyNetwork,
        problems,
        handle: (context) =>
          changed((here) => {
            const { protocol, port } = named(idOf(context))
            if (!here.unshare(protocol, port)) throw new ApiError('not-found', 'That port is not shared')
          }),
      }),
    }),
    resource('/party/ports', {
      POST: jsonEndpoint({
        id: 'openPartyPort',
        summary: "Open a port of this machine, at 127.0.0.1, that leads to a member's",
        action,
        body: openPort,
        answer: partyNetwork,
        problems,
        handle: (_context, wanted) => changed((here) => here.openPort(wanted)),
      }),
    }),
    resource('/party/ports/:id', {
      DELETE: jsonEndpoint({
        id: 'closePartyPort',
        summary: "Close a port of this machine that leads to a member's, named by itself like tcp-25565",
        action,
        answer: partyNetwork,
        problems,
        handle: (context) =>
          changed(async (here) => {
            const { protocol, port } = named(idOf(context))
            if (!(await here.closePort(protocol, port))) throw new ApiError('not-found', 'That port is not open')
          }),
      }),
    }),
  ]
}
