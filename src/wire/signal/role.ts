import * as v from 'valibot'
import { roles } from '../../domain/member.ts'

/** What somebody may do on a host; `domain/rights.ts` says what that is. */
export const role = v.picklist(roles)
