import { describeDuration } from '../ui/describe-duration.ts'
import { describePath } from '../model/describe-path.ts'

/** By which path somebody was reached, as shares of the time. */
export function PathShares({ pathsMs }: { pathsMs: Readonly<Record<string, number>> }) {
  const paths = Object.entries(pathsMs).filter(([, durationMs]) => durationMs > 0)
  if (paths.length === 0) return <div class="path-shares" role="img" aria-label="Never reached" />
  const text = paths.map(([path, durationMs]) => `${describePath(path)} ${describeDuration(durationMs)}`).join(', ')
  return (
    <div class="path-shares" role="img" aria-label={`Reached: ${text}`} title={text}>
      {paths.map(([path, durationMs]) => (
        <span key={path} data-path={path} style={{ flexGrow: durationMs }} />
      ))}
    </div>
  )
}
