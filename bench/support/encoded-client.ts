/** As much of the product's client as benches need; its own types are those of a page, which cannot be named here. */
export interface EncodedClient {
  on(name: 'picture', listener: () => void): () => void
  on(name: 'stateChange', listener: (state: string) => void): () => void
  start(options: { lobbyId: string }): Promise<void>
  close(): Promise<void>
}

interface ClientPackage {
  PorchlightClient: new (options: {
    signallingUrl: string
    token: string
    media: 'encoded'
    codecs: readonly 'h264'[]
    reconnection: { maxRetries: number; baseDelayMs: number }
  }) => EncodedClient
}

/** The product's client, which takes pictures through the web port, does not decode them, and comes back whenever it is cut off. */
export async function openEncodedClient(signallingUrl: string, token: string): Promise<EncodedClient> {
  const url = new URL('../../src/client/index.ts', import.meta.url)
  const { PorchlightClient } = (await import(url.href)) as ClientPackage
  return new PorchlightClient({
    signallingUrl,
    token,
    media: 'encoded',
    codecs: ['h264'],
    reconnection: { maxRetries: Number.POSITIVE_INFINITY, baseDelayMs: 200 },
  })
}
