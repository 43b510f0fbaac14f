import { openNativeScene } from '../../../test/support/native-scene.ts'
import { viewerContract } from '../../../test/support/viewer-contract.ts'

viewerContract('the native transport', openNativeScene, {
  skip: [
    {
      name: 'slow viewer',
      reason:
        'how soon pictures come again on a path that has become so narrow depends on the processor where both ends run in real time; ' +
        'src/viewer/native/wire.test.ts holds it to that in virtual time',
    },
  ],
})
