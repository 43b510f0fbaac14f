import { join } from 'node:path'
import { build } from 'vite'

/** What {@link import('./bench-viewer.ts').BenchViewer} is made by, as one script for a page. */
export async function buildBenchViewer(): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: {
        entry: join(import.meta.dirname, 'in-page/install-bench-viewer.ts'),
        formats: ['iife'],
        name: 'benchViewer_',
      },
    },
  })
  const [result] = Array.isArray(results) ? results : [results]
  if (!result || !('output' in result)) throw new Error('Vite built nothing')
  return result.output[0].code
}
