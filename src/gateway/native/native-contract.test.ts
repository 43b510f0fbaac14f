import { openNativeScene } from '../../../test/support/native-scene.ts'
import { viewerContract } from '../../../test/support/viewer-contract.ts'

viewerContract('the native transport', openNativeScene)
