import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PorchlightClient } from '../../src/client/index.ts'
import { nativeClientOptions, NativeHost } from '../../src/view/index.ts'

/** A viewer by the native transport that decodes nothing; it counts as an `RtcReceiver` does, but for packets. */
export class NativeReceiver {
  readonly counts = { packets: 0, bytes: 0, pictures: 0, keyPictures: 0, recovered: 0 }
  readonly audio = { packets: 0, bytes: 0 }
  readonly #directory: string
  readonly #host: NativeHost
  readonly #client: PorchlightClient

  private constructor(directory: string, host: NativeHost) {
    this.#directory = directory
    this.#host = host
    this.#client = new PorchlightClient(nativeClientOptions(host))
  }

  /** Resolves when it has been sent a picture. */
  static async open(options: {
    readonly link: string
    readonly lobbyId: string | undefined
    readonly limitBps: number
    readonly onPicture: (picture: { readonly data: Uint8Array }) => void
  }): Promise<NativeReceiver> {
    const { link, lobbyId, limitBps, onPicture } = options
    const directory = await mkdtemp(join(tmpdir(), 'porchlight-bench-'))
    const receiver = new NativeReceiver(directory, await NativeHost.open({ link, directory }))
    const { counts, audio } = receiver
    const client = receiver.#client
    const first = Promise.withResolvers<void>()
    client.on('picture', (picture) => {
      counts.pictures++
      counts.bytes += picture.data.length
      if (picture.key) counts.keyPictures++
      onPicture(picture)
      first.resolve()
    })
    client.on('sound', ({ data }) => {
      audio.packets++
      audio.bytes += data.length
    })
    await client.start(lobbyId === undefined ? {} : { lobbyId })
    client.limit(limitBps)
    await first.promise
    return receiver
  }

  async close(): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
    await this.#host[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true })
  }
}
