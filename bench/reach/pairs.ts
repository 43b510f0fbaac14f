import { setTimeout as pause } from 'node:timers/promises'
import { canPunch } from '../../src/net/nat/nat-findings.ts'
import { labNats, type LabNat } from '../../test/support/nat-lab.ts'
import { percentile, table } from '../support/figures.ts'
import { kindOfPath, ReachedHouse } from './reached-house.ts'

/** A path that the policy prefers is taken by then, whatever answered first. */
const settledMs = 4000
/** What is probed for by birthday takes longer. */
const probedMs = 15_000

/** What a pair should have, by what is known of the two routers. */
function expected(viewer: LabNat, host: LabNat, hasBirthday: boolean): string {
  if (viewer === 'udp-blocked' || host === 'udp-blocked') return 'web port'
  if (hasBirthday && viewer !== host) return 'direct'
  return canPunch(viewer, host) === 'yes' ? 'direct' : 'relay'
}

/** A session of the product for each pair of routers: the path that it takes, and how long its first picture took. */
export async function measurePairs(options: {
  readonly host: LabNat | undefined
  /** Whether a direct path is probed for by birthday where there is no other. */
  readonly hasBirthday: boolean
}): Promise<string> {
  const { host: only, hasBirthday } = options
  const rows: string[][] = []
  const wrong: string[] = []
  const all: number[] = []
  for (const host of labNats.filter((nat) => only === undefined || nat === only)) {
    await using house = await ReachedHouse.open({ house: host, viewers: labNats, hasBirthday })
    await using open = new AsyncDisposableStack()
    const viewers = []
    // One after the other, so that none waits for another.
    for (const place of house.places) viewers.push(open.use(await house.viewed(place)))
    await pause(hasBirthday ? probedMs : settledMs)
    const cells = viewers.map((viewer) => {
      const { firstPath, firstPictureMs, path, at } = viewer
      const [first, now, wanted] = [kindOfPath(firstPath), kindOfPath(path), expected(at.nat, host, hasBirthday)]
      all.push(firstPictureMs)
      if (now !== wanted) wrong.push(`viewer behind ${at.nat}, host behind ${host}: ${path} and not ${wanted}`)
      return `${first === now ? now : `${first}, then ${now}`}, ${firstPictureMs.toFixed(0)} ms`
    })
    rows.push([host, ...cells])
  }
  const share = (of: number) => percentile(all, of).toFixed(0)
  return [
    table(['host behind \\ viewer behind', ...labNats], rows),
    `First picture after p50 / p95: ${share(0.5)} / ${share(0.95)} ms.`,
    wrong.length === 0 ? 'Every pair has the path of the table.' : `Not as the table has it: ${wrong.join('; ')}`,
  ].join('\n\n')
}
