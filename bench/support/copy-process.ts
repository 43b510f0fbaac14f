/** One end of a copy by TCP, in the namespace that it is started in: `serve ADDRESS`, or `copy ADDRESS`, and
 * bytes and port; the latter prints milliseconds. */
import { copyTo, serveCopies } from '../../test/support/mesh/tcp-copy.ts'

const [, , does = '', address = '', bytes = '', port = ''] = process.argv
if (does === 'serve') {
  await serveCopies(address, Number(bytes), Number(port))
  console.log('ready')
} else {
  console.log(await copyTo(address, Number(bytes), Number(port)))
}
