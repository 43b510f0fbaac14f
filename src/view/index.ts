/** The package's `porchlight/view`: hosts by their native transport, for programs in Node. */
export { nativeClientOptions } from './client-environment.ts'
export { ViewError, type ViewErrorCode } from './contract/view-error.ts'
export { NativeHost, type NativeHostOptions } from './host/native-host.ts'
export { ownDirectory } from './own/own-files.ts'
