/** As much of the product's client as benches that speak need; its own types are those of a page, which cannot be named here. */
export interface SayingClient {
  start(options: { lobbyId: string }): Promise<void>
  /** Resolves when the host has acknowledged it. */
  sendText(text: string): Promise<void>
  close(): Promise<void>
}

interface ClientPackage {
  PorchlightClient: new (options: { signallingUrl: string; token: string; media: 'none' }) => SayingClient
}

/** The product's client, which says texts and takes no pictures. */
export async function openSayingClient(signallingUrl: string, token: string): Promise<SayingClient> {
  const url = new URL('../../src/client/index.ts', import.meta.url)
  const { PorchlightClient } = (await import(url.href)) as ClientPackage
  return new PorchlightClient({ signallingUrl, token, media: 'none' })
}
