import type { ApiClient } from '../../client/api/api-client.ts'
import type { MoonlightPairing, MoonlightView } from '../../wire/api/resources.ts'
import { UsageError } from '../contract/usage-error.ts'
import { facts, momentOf } from '../terminal/table.ts'
import { verbCommand, type Told } from './verb.ts'

export const moonlight = verbCommand('moonlight', "Moonlight's clients: whether they can come, and letting one in.", {
  show: {
    help: 'whether they can come, where, and which of them wait for their PIN',
    args: [],
    flags: {},
    run: async ({ api }) => told(await api.moonlight()),
  },
  pair: {
    help: 'type the PIN that a client shows; it is a device of yours from then on',
    args: ['PIN', 'NAME'],
    flags: { client: { type: 'string', help: 'its address, where several wait' } },
    async run({ api, args: [pin = '', name = ''], flags }) {
      const { id, address } = await theOne(api, flags['client'])
      await api.typeMoonlightPin(id, { pin, name })
      const text = `Typed it for the client at ${address}. When the PIN is right, it is a device: npm start -- device list.\n`
      return { json: { id, address }, text }
    },
  },
  refuse: {
    help: 'send a client away that waits for its PIN',
    args: [],
    flags: { client: { type: 'string', help: 'its address, where several wait' } },
    async run({ api, flags }) {
      const { id, address } = await theOne(api, flags['client'])
      await api.refuseMoonlightPairing(id)
      return { json: { id, address }, text: `Sent the client at ${address} away.\n` }
    },
  },
})

/** The client that is meant. Throws a UsageError when none waits, or several. */
async function theOne(api: ApiClient, meant: unknown): Promise<MoonlightPairing> {
  const { on, pairings } = await api.moonlight()
  const found = pairings.filter(({ address }) => meant === undefined || address === meant)
  const [first, ...others] = found
  if (first && others.length === 0) return first
  const what = !on
    ? "Moonlight's clients are not let in here: start with --moonlight on"
    : first
      ? `${found.length} wait, at ${found.map(({ address }) => address).join(', ')}: say which with --client ADDRESS`
      : 'none waits. Add this host in the client first, which then shows a PIN'
  throw new UsageError('wrong-arguments', `Cannot tell which client is meant: ${what}.`)
}

function told(view: MoonlightView): Told {
  const { on, ports, announced, pairings } = view
  const text = facts([
    ['Moonlight', on ? 'clients are let in, from private addresses' : 'clients are not let in (--moonlight on)'],
    ...(ports ? [['Ports', `TCP ${ports.http}, ${ports.https} and ${ports.rtsp}, UDP ${ports.udp}`] as const] : []),
    ...(on ? [['Found', announced ? foundAs(announced) : 'by its address alone: nothing is announced'] as const] : []),
    ...pairings.map(
      ({ address, since }, index) => [index > 0 ? '' : 'Waiting', `${address}, since ${momentOf(since)}`] as const,
    ),
  ])
  return { json: view, text }
}

function foundAs({ name, addresses }: NonNullable<MoonlightView['announced']>): string {
  return `as "${name}", at ${addresses.join(', ')}`
}
