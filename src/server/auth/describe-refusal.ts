import type { Redemption } from './redemptions.ts'

/** Why a link lets somebody not in, for programs and for people, whatever way they came by. */
export function describeRefusal(refusal: Extract<Redemption, { ok: false }>) {
  const because = <Code extends string>(code: Code, message: string) => ({ code, message })
  switch (refusal.reason) {
    case 'wrong-pin': {
      const tries = refusal.triesLeft === 1 ? 'one more try' : `${refusal.triesLeft} more tries`
      return because('wrong-pin', `Cannot let you in: the PIN is wrong. There are ${tries} before the link is gone.`)
    }
    case 'name-not-allowed':
      return because('name-not-allowed', 'Cannot call you so: it looks like the owner. Choose another name.')
    case 'pin-required':
      return because('pin-required', 'Cannot let you in without the PIN: whoever sent the link knows it.')
    case 'used-up':
      return because('invitation-used-up', 'Cannot let you in: the link was used as often as it can be.')
    case 'destroyed':
      return because('invitation-destroyed', 'Cannot let you in: too many wrong PINs have destroyed the link.')
    case 'expired':
      return because('invitation-expired', 'Cannot let you in: the invitation has expired.')
    case 'revoked':
      return because('invitation-revoked', 'Cannot let you in: the invitation was revoked.')
    case 'removed':
      return because('member-removed', 'Cannot let you in: the owner has shown you out.')
    case 'full':
      return because('too-many-guests', 'Cannot let you in: too many have come by this link.')
  }
}
