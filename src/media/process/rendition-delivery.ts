import type { AccessUnit } from '../contract/access-unit.ts'
import type { FlowName } from '../link/unit-link.ts'
import type { VideoFrame } from '../link/protocol.ts'
import type { UnitOutlets } from './unit-outlets.ts'

export interface RenditionDeliveryOptions extends FlowName {
  readonly outlets: UnitOutlets
  /** To the server. False when the picture was dropped. */
  readonly video: (frame: VideoFrame) => boolean
}

const noLinks: readonly number[] = []
const nothing = new Uint8Array()

/** Where the pictures of one rendition go: to the server, straight to viewer processes, or both. */
export class RenditionDelivery {
  readonly #options: RenditionDeliveryOptions
  #isHere = true
  #links = noLinks
  /** Those that lack a picture until the next key picture: they have just come, or did not keep up. */
  readonly #lacking = new Map<number, 'new' | 'late'>()
  #number = 0

  constructor(options: RenditionDeliveryOptions) {
    this.#options = options
  }

  deliver(here: boolean, links: readonly number[]): void {
    for (const link of links) if (!this.#links.includes(link)) this.#lacking.set(link, 'new')
    for (const link of this.#links) if (!links.includes(link)) this.#end(link)
    this.#isHere = here
    this.#links = links
  }

  /** False when somebody has not got it who would take the next key picture. */
  video(unit: AccessUnit, encodingUs: number): boolean {
    const { source, rendition, outlets, video } = this.#options
    const number = this.#number
    this.#number = (number + 1) >>> 0
    if (this.#links.length === 0) return video({ source, rendition, encodingUs, unit })
    const links = this.#links.filter((link) => this.#send(link, number, unit))
    const { media } = outlets
    const isHere = this.#isHere
    const flow = { media, source, rendition, number, bytes: unit.data.length, isHere, links }
    const told = { ...unit, data: isHere ? unit.data : nothing, flow }
    return video({ source, rendition, encodingUs, unit: told }) && !this.#helps
  }

  /** There are no more pictures. */
  close(): void {
    for (const link of this.#links) this.#end(link)
    this.#links = noLinks
  }

  /** Whether somebody did not keep up, and does again. */
  get #helps(): boolean {
    for (const [link, why] of this.#lacking) {
      if (why === 'late' && this.#options.outlets.get(link)?.congested === false) return true
    }
    return false
  }

  /** Whether it was written there. */
  #send(link: number, number: number, unit: AccessUnit): boolean {
    const { source, rendition, outlets } = this.#options
    const outlet = outlets.get(link)
    if (!outlet) return false
    if (outlet.congested) {
      this.#lacking.set(link, 'late')
      return false
    }
    if (!unit.key && this.#lacking.has(link)) return false
    this.#lacking.delete(link)
    outlet.video({ source, rendition, number, unit })
    return true
  }

  #end(link: number): void {
    const { source, rendition, outlets } = this.#options
    this.#lacking.delete(link)
    outlets.get(link)?.over({ source, rendition })
  }
}
