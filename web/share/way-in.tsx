import { useEffect } from 'preact/hooks'
import type { HostModel } from '../model/host-model.ts'
import { isOnlyHere } from '../model/network-model.ts'
import { Icon } from '../ui/icon.tsx'
import { NetworkChoice } from './network-choice.tsx'

/** Where links that are made on this page lead to, and how to let others on the network in where that is nowhere else. */
export function WayIn({ host }: { host: HostModel }) {
  const { network, outerLinks, chosenLink, isOwner } = host
  useEffect(() => {
    if (isOwner) void network.load()
  }, [])
  if (!isOnlyHere(location.hostname)) return null
  const links = outerLinks.value
  return (
    <div class="way-in">
      {links.length === 0 && (
        <p class="way-in-note">
          <Icon name="warning" />
          <span>
            Links lead to this computer only.
            {!isOwner && ' The owner can let others on the network in.'}
          </span>
        </p>
      )}
      {links.length > 1 && (
        <label class="field">
          <span class="field-label">The link leads to</span>
          <select
            class="text-input"
            value={chosenLink.value}
            onChange={(event) => (host.wantedLink.value = event.currentTarget.value)}
          >
            {links.map((link) => (
              <option key={link}>{link}</option>
            ))}
          </select>
        </label>
      )}
      {isOwner && <NetworkChoice network={network} />}
    </div>
  )
}
