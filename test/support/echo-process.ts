/** Sends back what it gets by TCP and UDP, on the address and port that it is given. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const [address = '', port = ''] = process.argv.slice(2)
const datagrams = createSocket('udp4')
datagrams.on('message', (data, from) => datagrams.send(data, from.port, from.address))
datagrams.bind(Number(port), address, () => {
  const server = createServer((socket) => {
    // Those that a cut has killed.
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  server.listen(Number(port), address, () => process.stdout.write('listening\n'))
})
