import { CodedError } from '../../../kernel/coded-error.ts'

/** What goes wrong with a party's virtual network. */
export class MeshError extends CodedError<
  /** It takes the right to change the network (root, or CAP_NET_ADMIN). */
  | 'not-permitted'
  /** There is neither a WireGuard of the kernel's nor wireguard-go. */
  | 'no-wireguard'
  /** Its addresses are used here already. */
  | 'address-conflict'
  /** A program that was asked to change the network failed. */
  | 'command-failed'
  /** WireGuard refused what it was told, or answered what nobody understands. */
  | 'refused'
  /** The key on the disk cannot be used. */
  | 'unusable-key'
  | 'closed'
> {}
