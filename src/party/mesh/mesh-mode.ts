/** Whether this machine takes part in the virtual network: where it can, without fail, or not. */
export const meshModes = ['auto', 'on', 'off'] as const
export type MeshMode = (typeof meshModes)[number]
