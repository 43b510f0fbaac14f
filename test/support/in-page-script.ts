import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** A program for a page, with all that it imports, as one script. */
export async function buildInPage(program: URL): Promise<string> {
  const results = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(program), formats: ['iife'], name: 'inPage_' },
    },
  })
  const [result] = Array.isArray(results) ? results : [results]
  if (!result || !('output' in result)) throw new Error('Vite built nothing')
  return result.output[0].code
}
