import { openWebRtcScene } from '../../../../test/support/browser-scene.ts'
import { viewerContract } from '../../../../test/support/viewer-contract.ts'

viewerContract('WebRTC', openWebRtcScene)
