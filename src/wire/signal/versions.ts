import { KnownVersions, type KeptVersion } from '../../kernel/monitor/known-versions.ts'
import { signalling } from './protocol.ts'
import kept from './versions.json' with { type: 'json' }

/** Signalling as it is, and as it was in the versions that clients, hosts and recordings may still have (`versions.json`). */
export function knownSignalling(): KnownVersions {
  return new KnownVersions(signalling, kept as readonly unknown[] as readonly KeptVersion[])
}
