import { join } from 'node:path'
import { build } from 'vite'

/**
 * What {@link import('./bench-viewer.ts').BenchViewer} or {@link import('./picture-watch.ts').PictureWatch} is made by, as one
 * script for a page.
 */
export async function buildInPage(name: 'install-bench-viewer' | 'install-picture-watch'): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: join(import.meta.dirname, `in-page/${name}.ts`),
        formats: ['iife'],
        name: 'inPage_',
      },
    },
  })
  const [result] = Array.isArray(results) ? results : [results]
  if (!result || !('output' in result)) throw new Error('Vite built nothing')
  return result.output[0].code
}
