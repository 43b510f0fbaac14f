import type { HouseModel } from '../model/house-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { HostReport } from '../wall/host-report.tsx'

/** Who one is here and until when; for an owner, what the host is. */
export function SettingsPage({ house }: { house: HouseModel }) {
  const { me } = house
  const until = me.expiresAt === null ? '' : `, until ${new Date(me.expiresAt).toLocaleString()}`
  return (
    <>
      <SectionHead title="Settings" summary={`You are ${me.name}, as ${me.role}${until}.`} />
      {house.host.value && <HostReport host={house.host.value} apps={house.apps.value} />}
    </>
  )
}
