import { useEffect } from 'preact/hooks'
import type { PartyNetworkView } from '../../src/client/party.ts'
import type { SettingsModel } from '../model/settings-model.ts'
import { Icon } from '../ui/icon.tsx'
import { Switch } from '../ui/switch.tsx'
import { describeAsked, describeGames, describeLan, whyNoLan } from './describe-peer.ts'

const setting = 'mesh'

/** The virtual LAN of the party on this machine: whether it is there, why not, and whether it is wanted. */
export function VirtualLan({ network, settings }: { network: PartyNetworkView; settings: SettingsModel }) {
  useEffect(() => void settings.load(), [])
  const { mesh } = network
  const why = whyNoLan(mesh)
  const source = settings.all.value.find(({ name }) => name === setting)?.source
  const isGiven = source === 'flag' || source === 'variable'
  const refusal = settings.refusal.value
  return (
    <section class="settings-card" aria-labelledby="party-lan">
      <h2 id="party-lan">Virtual LAN</h2>
      <p>
        Members reach each other’s machines by addresses that stay theirs, as on one network. Whatever listens on all
        addresses here can be reached by them.
      </p>
      {isGiven ? (
        <p>The server was started with --{setting} or its variable, which counts.</p>
      ) : (
        <Switch
          label="Take part with this machine"
          note={describeLan(mesh)}
          on={mesh.mode !== 'off'}
          onChange={(on) => void settings.change(setting, on ? null : 'off')}
        />
      )}
      {isGiven && <p>{describeLan(mesh)}</p>}
      {why !== undefined && (
        <div class="party-lack" role="status">
          <Icon name="info" />
          <div>
            <p>{why}</p>
            <p class="party-hint">
              The virtual LAN takes Linux, root or the right CAP_NET_ADMIN, iproute2 and wireguard-go. Without it,
              members are reached all the same, and single ports can be shared.
            </p>
          </div>
        </div>
      )}
      {describeGames(mesh) !== undefined && <p>{describeGames(mesh)}</p>}
      {refusal?.name === setting && (
        <p class="party-refusal" role="alert">
          {refusal.why}
        </p>
      )}
      {network.nat !== null && (
        <p class="party-hint">
          Between this machine and others: {network.nat}.{describeAsked(network)}
        </p>
      )}
    </section>
  )
}
