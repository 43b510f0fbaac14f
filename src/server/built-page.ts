import { fileURLToPath } from 'node:url'

/** Where `npm run build` puts the page. */
export const builtPage = fileURLToPath(new URL('../../dist/web', import.meta.url))
