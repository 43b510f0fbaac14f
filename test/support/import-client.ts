/** As much of the built client as tests of the server use; its own types are those of a page, which cannot be named here. */
interface ClientPackage {
  PorchlightClient: new (options: {
    signallingUrl: string
    media: 'none'
    reconnection: { maxRetries: number; baseDelayMs: number; maxDelayMs: number }
  }) => NodeClient
}

export interface NodeClient extends AsyncDisposable {
  readonly state: string
  readonly outbox: { readonly value: readonly unknown[] }
  on(name: 'text', listener: (text: { readonly text: string }) => void): () => void
  on(name: 'session', listener: (session: { readonly historyRecovered: boolean }) => void): () => void
  start(options: { lobbyId: string }): Promise<void>
  sendText(text: string): Promise<void>
  typeText(text: string): Promise<void>
}

/** The client as other programs have it. */
export async function importClient(): Promise<ClientPackage> {
  const url = new URL('../../dist/client/index.js', import.meta.url)
  return (await import(url.href)) as ClientPackage
}
