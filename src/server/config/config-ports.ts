import * as v from 'valibot'
import type { PortShare } from '../../party/share/port-shares.ts'
import type { OpenedPort } from '../../party/share/shared-ports.ts'
import { shareProtocols } from '../../wire/party/share.ts'

const mostPorts = 64
const protocol = v.picklist(shareProtocols)
const number = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(1), v.maxValue(65_535))
/** No character of it means something here. */
const memberId = v.pipe(v.string(), v.transform(decoded), v.minLength(1), v.maxLength(64))

const shareParts = v.object({
  protocol,
  port: number,
  host: v.string(),
  hostPort: number,
  members: v.optional(v.pipe(v.array(memberId), v.maxLength(1024))),
})
/** `tcp:25565`, `tcp:8000=192.168.1.5:80`, `udp:27960@ID,ID`: a port, where it leads, and who may. */
const share = v.pipe(
  v.string(),
  v.transform((text) => {
    const found =
      /^(tcp|udp):(\d{1,5})(?:=(\[[\da-f:.]{2,45}\]|[\w.-]{1,253}):(\d{1,5}))?(?:@([^\s@=]+))?$/i.exec(text) ?? []
    const [, way, port, host = '127.0.0.1', hostPort = port, ids] = found
    const members = ids === undefined ? {} : { members: ids.split(',') }
    return { protocol: way, port, host: host.replace(/^\[(.*)\]$/, '$1'), hostPort, ...members } as v.InferInput<
      typeof shareParts
    >
  }),
  shareParts,
  v.transform(({ members, ...rest }): PortShare => ({ ...rest, ...(members && { members }) })),
)

const openedParts = v.object({ protocol, port: number, memberId, localPort: number })
/** `tcp:25565@ID`, `tcp:25565@ID=25566`: a port of a member, and which of this machine leads there. */
const opened = v.pipe(
  v.string(),
  v.transform((text) => {
    const [, way, port, id, localPort = port] = /^(tcp|udp):(\d{1,5})@([^\s@=,]+)(?:=(\d{1,5}))?$/i.exec(text) ?? []
    return { protocol: way, port, memberId: id, localPort } as v.InferInput<typeof openedParts>
  }),
  openedParts,
)

/** A variable separates them by spaces; a flag comes once for each. */
function listOf<T>(each: v.GenericSchema<string, T>): v.GenericSchema<unknown, T[]> {
  return v.pipe(
    v.union([
      v.array(v.string()),
      v.pipe(
        v.string(),
        v.transform((text) => text.trim().split(/\s+/)),
      ),
    ]),
    v.array(each),
    v.maxLength(mostPorts),
  )
}

export const portShares = listOf(share)
export const openedPorts = listOf(opened)

export function tellShare({ protocol: way, port, host, hostPort, members }: PortShare): string {
  const isUsual = host === '127.0.0.1' && hostPort === port
  const target = isUsual ? '' : `=${host.includes(':') ? `[${host}]` : host}:${hostPort}`
  return `${way}:${port}${target}${members ? `@${members.map(encodeURIComponent).join(',')}` : ''}`
}

export function tellOpened({ protocol: way, port, memberId: id, localPort }: OpenedPort): string {
  return `${way}:${port}@${encodeURIComponent(id)}${localPort === port ? '' : `=${localPort}`}`
}

/** Empty for what nothing is written as. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
