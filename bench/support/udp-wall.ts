import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The firewall and the cable of a network namespace of one's own, in which host and browser are both. */
export class UdpWall {
  #stands = false

  private constructor() {}

  /** To be called in a network namespace of one's own. Without an interface beside loopback a browser tries no UDP at all. */
  static async lay(): Promise<UdpWall> {
    await run('ip', ['link', 'set', 'lo', 'up', 'mtu', '1500'])
    await run('ip', ['link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there'])
    await run('ip', ['address', 'add', '10.77.1.1/24', 'dev', 'here'])
    for (const end of ['here', 'there']) await run('ip', ['link', 'set', end, 'up'])
    await run('ip', ['route', 'add', 'default', 'via', '10.77.1.2'])
    return new UdpWall()
  }

  /** Drops every datagram from now on, or lets them through. */
  async block(blocked: boolean): Promise<void> {
    if (blocked === this.#stands) return
    this.#stands = blocked
    await run('iptables', [blocked ? '-I' : '-D', 'INPUT', '-p', 'udp', '-j', 'DROP'])
  }

  /** Lets so many bits a second through loopback, and holds back as many as pass in `queueMs`; undefined: no limit. */
  async narrow(rateBps: number | undefined, queueMs = 300): Promise<void> {
    const common = ['qdisc', 'replace', 'dev', 'lo', 'root']
    if (rateBps === undefined) return void (await run('tc', ['qdisc', 'del', 'dev', 'lo', 'root']))
    const limitBytes = Math.round((rateBps / 8000) * queueMs)
    await run('tc', [...common, 'tbf', 'rate', `${rateBps}bit`, 'burst', '6000', 'limit', `${limitBytes + 6000}`])
  }
}
