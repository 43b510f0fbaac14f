/** The ways in, as operators are told of them. */
export type GatewayName = 'browser' | 'moonlight' | 'native' | 'memory'
