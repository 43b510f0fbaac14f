import * as v from 'valibot'

/** What somebody may do on a host; the host's `rights.ts` says what that is. */
export const role = v.picklist(['owner', 'player', 'viewer', 'agent', 'app'])
