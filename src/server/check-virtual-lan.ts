import type { Clock } from '../kernel/clock.ts'
import { messageOf } from '../kernel/coded-error.ts'
import { silentLog } from '../kernel/log.ts'
import { tryWireGuard } from '../party/mesh/device/mesh-interface.ts'
import type { Check } from './check.ts'
import type { ServerConfig } from './config/config.ts'

/** Which WireGuard would carry the virtual LAN of a party here, and why; parties do without. */
export async function checkVirtualLan({ mesh, parties }: ServerConfig, clock: Clock): Promise<Check> {
  const what = 'Virtual LAN'
  if (parties === 'off' || mesh === 'off') return { what, health: 'good', detail: 'turned off (--parties, --mesh)' }
  try {
    const { kind, why } = await tryWireGuard({ clock, log: silentLog })
    const detail = kind === 'kernel' ? `by the kernel: ${why}` : `by wireguard-go, and not by the kernel: ${why}`
    return { what, health: 'good', detail }
  } catch (error) {
    return { what, health: 'poor', detail: `${messageOf(error)}. Single ports of members need none of it` }
  }
}
