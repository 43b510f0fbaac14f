import * as v from 'valibot'
import type { Mdns } from '../../net/mdns/open-mdns.ts'
import type { FoundService } from '../../net/mdns/service.ts'
import type { Announcement, NearbyBoard, PlaneAddress } from '../contract/nearby.ts'
import { announcementSchema } from './announcement-schema.ts'

/** What members look for on their network. */
const serviceType = '_porchlight-party._tcp'
const mostNearby = 64

/** Members on the same network, by multicast DNS. What they say is in the texts of the service, one letter a key. */
export function networkBoard(mdns: Pick<Mdns, 'announce' | 'browse'>): NearbyBoard & Disposable {
  const listeners = new Set<() => void>()
  let found: readonly Announcement[] = []
  let own: Disposable | undefined
  const browsing = mdns.browse(serviceType, (services) => {
    found = services.slice(0, mostNearby).flatMap((service) => readTexts(service) ?? [])
    for (const listener of listeners) listener()
  })
  return {
    announce(announcement) {
      own?.[Symbol.dispose]()
      const where = announcement?.own ?? announcement?.home
      own =
        announcement && where
          ? mdns.announce({
              name: announcement.peerId,
              type: serviceType,
              port: portOf(where),
              texts: textsOf(announcement),
            })
          : undefined
    },
    nearby: () => found,
    onChange(listener) {
      const entry = () => listener()
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    [Symbol.dispose]() {
      own?.[Symbol.dispose]()
      browsing[Symbol.dispose]()
    },
  }
}

function textsOf({ peerId, joinedMs, home, own, isLocal, proof }: Announcement): readonly string[] {
  const address = (key: string, where: PlaneAddress | undefined) =>
    where ? [`${key}=${where.url}`, ...(where.fingerprint === undefined ? [] : [`${key}c=${where.fingerprint}`])] : []
  return [
    `p=${peerId}`,
    `j=${joinedMs}`,
    ...address('h', home),
    ...address('o', own),
    ...(isLocal ? ['l=1'] : []),
    `m=${proof}`,
  ]
}

function readTexts({ texts }: FoundService): Announcement | undefined {
  const by = new Map(texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
  const address = (key: string) => {
    const url = by.get(key)
    return url === undefined ? undefined : { url, fingerprint: by.get(`${key}c`) }
  }
  const read = v.safeParse(announcementSchema, {
    peerId: by.get('p'),
    joinedMs: Number(by.get('j')),
    home: address('h'),
    own: address('o'),
    isLocal: by.get('l') === '1',
    proof: by.get('m'),
  })
  return read.success ? read.output : undefined
}

function portOf({ url }: PlaneAddress): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
