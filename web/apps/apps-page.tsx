import type { HouseModel } from '../model/house-model.ts'
import type { PageModel } from '../model/page-model.ts'
import { SectionHead } from '../shell/section-head.tsx'
import { AppShelf } from '../wall/app-shelf.tsx'

/** Every app of the house, and why one of them cannot run. */
export function AppsPage({ page, house }: { page: PageModel; house: HouseModel }) {
  return (
    <>
      <SectionHead title="Apps" summary="What can be started here. Each start is a lobby of its own." />
      {house.loaded.value && (
        <AppShelf
          title="Start an app"
          isMain={false}
          apps={house.apps.value}
          onStart={(appId) => page.startApp(house, appId)}
        />
      )}
    </>
  )
}
