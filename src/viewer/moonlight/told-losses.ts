import type { FrameStatus } from '../../wire/moonlight/control-message.ts'

/**
 * What became of a viewer's datagrams, by what its client tells of blocks that needed their parity. It tells nothing of a block whose data
 * came: that has lost nothing that is known. One that was made whole is told of as soon as that can be done, so that what was not
 * waited for is not taken for lost.
 */
export class ToldLosses {
  #dataSent = 0
  /** Of what was told: parity that is known to have come or not, less data that was not waited for. */
  #alsoKnown = 0
  #lost = 0

  /** A datagram of data, not of parity, has left. */
  sent(): void {
    this.#dataSent++
  }

  /** Takes what is told of one block. */
  told({ dataPackets, parityPackets, dataReceived, parityReceived, missingBefore }: FrameStatus): {
    /** Datagrams that are lost. */
    readonly lost: number
    readonly isRepaired: boolean
  } {
    const total = dataPackets + parityPackets
    const received = Math.min(total, dataReceived + parityReceived)
    const isRepaired = received >= dataPackets
    // Nothing more comes of one that was given up.
    const lost = isRepaired ? Math.min(missingBefore, total - received) : total - received
    this.#lost += lost
    this.#alsoKnown += received + lost - dataPackets
    return { lost, isRepaired }
  }

  /** The share lost (0 to 1) since the last time; undefined when nothing was sent. */
  take(): number | undefined {
    if (this.#dataSent === 0) return undefined
    const known = this.#dataSent + this.#alsoKnown
    const share = known > 0 ? Math.min(1, this.#lost / known) : 0
    this.#dataSent = 0
    this.#alsoKnown = 0
    this.#lost = 0
    return share
  }
}
