import { NativeRig } from './native-rig.ts'
import { natBehaviours, type Way } from './simulated-network.ts'
import { SimulatedReach } from './simulated-reach.ts'

/** What can happen to a session that runs. */
export const mishaps = {
  'path cut': (rig) => cut(rig, true, true),
  'cut to the viewer': (rig) => cut(rig, false, true),
  'cut to the host': (rig) => cut(rig, true, false),
  'a fifth is lost': (rig) => between(rig, { lossRatio: 0.2 }),
  '80 ms more': (rig) => between(rig, { delayMs: 90 }),
  'another address': ({ viewer, network }) => {
    const elsewhere = network.machine('elsewhere', '198.51.100.77', natBehaviours['full cone'], '192.168.7.7')
    viewer.machine.moveTo(elsewhere)
    viewer.addresses = ['192.168.7.7']
  },
  'relay killed': (rig) => {
    const name = rig.viewer.reach.current?.name ?? ''
    const relay = rig.relays.find(({ machine }) => name.includes(machine.outside))
    for (const { machine } of relay ? [rig.viewer, rig.host] : []) {
      if (relay) rig.network.between(machine, relay.machine, { isCut: true })
    }
  },
} as const satisfies Readonly<Record<string, (rig: SimulatedReach) => void>>
export type Mishap = keyof typeof mishaps

/** What became of the pictures of a session when something happened to its path. */
export interface Outcome {
  /** From what happened to the first picture that was taken after it and shown; Infinity for none. */
  readonly tookMs: number
  /** Pictures that were taken and never shown, from what happened on. */
  readonly lost: number
  /** The longest time without a new picture. */
  readonly gapMs: number
  /** Key pictures that the viewer asked for. */
  readonly keysWanted: number
  readonly before: string
  readonly after: string
}

/** A session with pictures over a reach, in virtual time: what a viewer behind a router sees. */
export class ReachedPictures implements AsyncDisposable {
  readonly rig: SimulatedReach
  readonly native: NativeRig

  private constructor(rig: SimulatedReach, native: NativeRig) {
    this.rig = rig
    this.native = native
  }

  static async open(options: { seed?: number; isRelayed?: boolean } = {}): Promise<ReachedPictures> {
    const { seed = 1, isRelayed = false } = options
    const kind = isRelayed ? natBehaviours.symmetric : natBehaviours.restricted
    const rig = new SimulatedReach(kind, isRelayed ? natBehaviours.symmetric : natBehaviours['port-restricted'], {
      seed,
      relays: 2,
    })
    const { viewer, host } = await rig.dial()
    return new ReachedPictures(rig, new NativeRig({ clock: rig.clock, host, client: viewer }))
  }

  /** Lets something happen, and looks at what is shown for so long. */
  async watch(happens: (rig: SimulatedReach) => void, forMs: number): Promise<Outcome> {
    const { clock } = this.rig
    const { shown, counters } = this.native
    const before = this.rig.viewer.reach.current?.name ?? 'none'
    const [fromMs, keysWanted] = [clock.nowMs(), counters.keyframeRequests]
    happens(this.rig)
    await this.native.run(forMs)
    // What was taken last is still on its way.
    const endMs = clock.nowMs()
    await this.native.run(500)
    const since = shown.filter(({ picture }) => picture.captureUs / 1000 >= fromMs && picture.captureUs / 1000 < endMs)
    const atMs = shown.filter((each) => each.atMs >= fromMs - 100).map((each) => each.atMs)
    const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? at))
    return {
      tookMs: (since[0]?.atMs ?? Infinity) - fromMs,
      lost: this.native.takenBefore(endMs) - this.native.takenBefore(fromMs) - since.length,
      gapMs: Math.max(0, ...gaps),
      keysWanted: counters.keyframeRequests - keysWanted,
      before,
      after: this.rig.viewer.reach.current?.name ?? 'none',
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.native[Symbol.asyncDispose]()
    await this.rig[Symbol.asyncDispose]()
  }
}

function cut({ viewer, host, network }: SimulatedReach, toHost: boolean, toViewer: boolean): void {
  if (toHost) network.way(viewer.machine, host.machine).isCut = true
  if (toViewer) network.way(host.machine, viewer.machine).isCut = true
}

export function between({ viewer, host, network }: SimulatedReach, change: Partial<Way>): void {
  network.between(viewer.machine, host.machine, change)
}
