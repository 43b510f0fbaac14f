import { WireError } from '../../wire/wire-error.ts'
import { shortFingerprint } from './key-fingerprint.ts'

/** A host whose key was seen, and taken for its own. */
export interface KnownHost {
  /** As people reach it: `box.example:47900`. */
  readonly name: string
  readonly key: Uint8Array
  /** Milliseconds since the Unix epoch. */
  readonly pinnedMs: number
}

/** `new`: nothing is known of it. `known`: it has the key that it had. `changed`: it has another one, and may be somebody else. */
export type HostVerdict = 'new' | 'known' | 'changed'

/** More than anybody goes to; the one that was pinned first gives way. */
const mostHosts = 1000
const line = /^(\S{1,260}) ([0-9a-f]{64}) (\d{1,15})$/

/**
 * The keys of hosts, each pinned when it was first paired with: from then on a host with another key is not the same, until somebody
 * forgets the one before. A value: whoever has a disk keeps its text.
 */
export class KnownHosts {
  readonly #hosts: ReadonlyMap<string, KnownHost>

  constructor(hosts: Iterable<KnownHost> = []) {
    this.#hosts = new Map([...hosts].slice(-mostHosts).map((host) => [host.name, host]))
  }

  /** Reads what {@link format} wrote. Throws WireError `malformed` with the number of the line: half of it read would trust half of the hosts anew. */
  static parse(text: string): KnownHosts {
    const hosts = text.split('\n').flatMap((entry, index): KnownHost | [] => {
      if (entry.trim() === '' || entry.startsWith('#')) return []
      const [, name, hex, pinned] = line.exec(entry) ?? []
      if (name === undefined || hex === undefined) {
        throw new WireError('malformed', `Cannot read the known hosts: line ${index + 1} is no host with its key`)
      }
      return { name, key: Uint8Array.from(Buffer.from(hex, 'hex')), pinnedMs: Number(pinned) }
    })
    return new KnownHosts(hosts)
  }

  /** One line for each. */
  format(): string {
    const lines = [...this.#hosts.values()].map(
      ({ name, key, pinnedMs }) => `${name} ${Buffer.from(key).toString('hex')} ${Math.floor(pinnedMs)}\n`,
    )
    return lines.join('')
  }

  get all(): readonly KnownHost[] {
    return [...this.#hosts.values()]
  }

  judge(name: string, key: Uint8Array): HostVerdict {
    const known = this.#hosts.get(name)
    if (known === undefined) return 'new'
    return Buffer.compare(known.key, key) === 0 ? 'known' : 'changed'
  }

  /**
   * With this host pinned. Throws RangeError for one that is known by another key: that is for somebody to decide, who forgets it first.
   */
  pin(host: KnownHost): KnownHosts {
    const verdict = this.judge(host.name, host.key)
    if (verdict === 'known') return this
    if (verdict === 'changed') {
      const [before, now] = [this.#hosts.get(host.name)?.key ?? host.key, host.key].map(shortFingerprint)
      throw new RangeError(`${host.name} had the key ${before}, and has ${now}`)
    }
    return new KnownHosts([...this.#hosts.values(), host])
  }

  forget(name: string): KnownHosts {
    return new KnownHosts([...this.#hosts.values()].filter((host) => host.name !== name))
  }
}
