import preact from '@preact/preset-vite'
import { defineConfig } from 'vite'

/** The server in development; `npm run dev` starts it beside Vite. */
const serverUrl = 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  // Whatever folder a proxy has the page in.
  base: './',
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // The content security policy knows files of this origin and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': { target: serverUrl, ws: true } } },
})
