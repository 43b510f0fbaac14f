import type { HouseModel } from '../model/house-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { SessionsNow } from './sessions-now.tsx'

/** Who is here. */
export function SessionsPage({ house }: { house: HouseModel }) {
  const count = house.sessions.value.length
  const here = count === 0 ? 'Nobody is here' : count === 1 ? 'One person is here' : `${count} people are here`
  return (
    <>
      <SectionHead title="Sessions" summary={`${here} now.`} />
      <SessionsNow house={house} />
    </>
  )
}
