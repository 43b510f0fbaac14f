import type { Closable } from '../../../kernel/ending.ts'
import type { WireGuardChange, WireGuardStatus } from '../../../wire/wireguard/wireguard-device.ts'

/** Which implementation carries an interface. */
export type WireGuardKind = 'kernel' | 'wireguard-go'

/** One network interface of WireGuard, whoever implements it. It is gone when it is closed. */
export interface WireGuard extends Closable {
  readonly kind: WireGuardKind
  /** Of the interface. */
  readonly name: string
  /** Rejects with MeshError `refused`, `command-failed` or `closed`; nothing is known then of what has changed. */
  change(change: WireGuardChange): Promise<void>
  /** Rejects like {@link change}. */
  status(): Promise<WireGuardStatus>
}
