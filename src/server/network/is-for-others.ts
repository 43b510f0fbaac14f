/** Whether what is bound to this address can be reached from other machines. */
export function isForOthers(host: string): boolean {
  return !/^(127\.|::1$|localhost$)/.test(host)
}
