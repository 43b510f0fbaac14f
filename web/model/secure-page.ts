import { signal } from '@preact/signals'
import { signInFragment, type ApiClient } from '../../src/client/index.ts'

/** The way from a page that browsers do not take for secure, because it came by plain HTTP, to the same page by HTTPS. */
export class SecurePage {
  /** False where the page is secure already. */
  readonly isNeeded = !isSecureContext
  /** Undefined as long as it is not known, and where there is none. */
  readonly origin = signal<string | undefined>(undefined)
  readonly #token: string

  constructor(options: { api: Pick<ApiClient, 'secureOrigin'>; token: string }) {
    this.#token = options.token
    if (!this.isNeeded) return
    options.api.secureOrigin().then(
      (origin) => (this.origin.value = origin),
      // A host that cannot tell has no other way to offer.
      () => {},
    )
  }

  /** The same place by HTTPS, for whoever can sign in there. */
  get place(): string {
    return `${this.origin.value}${location.pathname}${location.hash}`
  }

  /** The same place, and signed in. The token is behind the `#`: it is sent to nobody. */
  get signedIn(): string {
    return `${this.origin.value}${location.pathname}${signInFragment(this.#token, location.hash)}`
  }
}
