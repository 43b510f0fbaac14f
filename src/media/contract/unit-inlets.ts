import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Readable, Writable } from '../../kernel/readable.ts'

/** Where one life of a viewer process takes pictures straight from media processes. */
export interface UnitInlet {
  /** No number is used twice on a host. */
  readonly link: number
  /** Of its Unix socket. */
  readonly path: string
  /** Of which the proof of each media process is made, see {@link inletProof}. */
  readonly key: string
}

/** The inlets that there are, for who opens them and for those who send to them. Only the server has all of it. */
export class UnitInlets {
  readonly #directory: string
  readonly #open = new Writable<readonly UnitInlet[]>([])
  #links = 0
  #medias = 0

  /** `directory`: which nobody else can look into; its path leaves room for that of a socket (108 bytes). */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** Those at which somebody listens. */
  get open(): Readable<readonly UnitInlet[]> {
    return this.#open
  }

  /** A place for an inlet that is to be opened. */
  next(): UnitInlet {
    const link = ++this.#links
    return { link, path: join(this.#directory, `units-${link}`), key: randomBytes(32).toString('hex') }
  }

  /** A number for a media process and those that take its place. */
  nextMedia(): number {
    return ++this.#medias
  }

  add(inlet: UnitInlet): void {
    this.#open.set([...this.#open.value, inlet])
  }

  remove({ link }: UnitInlet): void {
    if (this.#open.value.some((inlet) => inlet.link === link))
      this.#open.set(this.#open.value.filter((inlet) => inlet.link !== link))
  }
}

/** What a media process shows at an inlet, so that none can send in the name of another. */
export function inletProof(key: string, media: number): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`media ${media}`).digest('hex')
}
