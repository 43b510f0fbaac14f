import type { App } from '../../host/apps/definition/app.ts'
import type { AppDefinition } from '../../wire/api/app-definition.ts'
import type { AppIcon } from './icons/app-icon.ts'

/** Where an app comes from, and so where it can be changed. */
export type AppOrigin =
  | { readonly kind: 'ready-made' }
  /** The settings database. */
  | { readonly kind: 'settings' }
  /** The file in the data directory; `place` is `apps.toml:12`. */
  | { readonly kind: 'file'; readonly place: string }

/** An app with what only its owner is told. */
export interface CatalogueEntry {
  readonly app: App
  readonly origin: AppOrigin
  /** Undefined for a ready-made app, and for one that was not understood. */
  readonly definition: AppDefinition | undefined
  readonly icon: AppIcon | undefined
}

/** What was described somewhere, before it is known whether it can run. */
export type DescribedEntry =
  | { readonly id: string; readonly origin: AppOrigin; readonly definition: AppDefinition }
  | { readonly id: string; readonly origin: AppOrigin; readonly fault: string }

/** Where an app can be changed, for people. */
export function describeOrigin(origin: AppOrigin): string {
  switch (origin.kind) {
    case 'ready-made':
      return 'it comes with Porchlight'
    case 'settings':
      return 'it was made here'
    case 'file':
      return `it comes from ${origin.place}: change it there`
  }
}
