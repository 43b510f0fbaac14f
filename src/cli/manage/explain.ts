import { ApiError } from '../../client/api/api-error.ts'

/** What can be done about what a server says, by its code. */
const nextSteps: Readonly<Record<string, string>> = {
  unreachable: 'Is Porchlight running there? It may have been killed: npm start starts it again.',
  unauthenticated: 'The token is not known there: the server may have been started again, or the link been replaced.',
  forbidden: 'This needs the rights of the owner.',
  'unknown-setting': 'See npm start -- config list.',
  'app-not-found': 'See npm start -- app list.',
  'lobby-not-found': 'See npm start -- lobby list.',
  'device-not-found': 'See npm start -- device list.',
  'session-not-found': 'See npm start -- session list.',
  'not-admitted': 'With --admit they are let in.',
  'record-not-found': 'See npm start -- session records.',
  'code-unknown':
    'A code is found on the same machine and network. Elsewhere use the link, or --at with the address of the control plane.',
  'no-party': 'See npm start -- party create --help, and party join --help.',
  'invitation-not-found': 'See npm start -- invite list.',
}

/** What Node says of a certificate that nobody it knows vouches for, or that is for other names or another time. */
const ofCertificate =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED)$/
const untrusted =
  'Its certificate is not one that is trusted here: name a file with it in NODE_EXTRA_CA_CERTS; docs/cli.md says how.'

/** Runs it; what a server refuses comes out with what can be done about it. */
export async function explain<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const step = error instanceof ApiError ? nextStep(error) : undefined
    if (!(error instanceof ApiError) || step === undefined) throw error
    throw new ApiError(error.code, `${error.message}\n${step}`, { status: error.status, cause: error })
  }
}

function nextStep(error: ApiError): string | undefined {
  // What fetch throws has the reason as its own cause.
  const reason = error.cause instanceof Error ? error.cause.cause : undefined
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : ''
  return ofCertificate.test(code) ? untrusted : nextSteps[error.code]
}
