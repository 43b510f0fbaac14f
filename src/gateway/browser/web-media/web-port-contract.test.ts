import { openWebPortScene } from '../../../../test/support/browser-scene.ts'
import { viewerContract } from '../../../../test/support/viewer-contract.ts'

viewerContract('the web port', openWebPortScene, {
  skip: [
    { name: 'loss', reason: 'TCP loses nothing' },
    {
      name: 'silence',
      reason: 'who takes nothing is sent nothing, and is ended after eight seconds; web-viewer.test.ts sees that',
    },
    {
      name: 'slow viewer',
      reason: 'a TCP stream on loopback cannot be made narrow; bench web-port does so with a network namespace',
    },
  ],
})
