import { ApiError } from '../../client/api/api-error.ts'

/** What can be done about what a server says, by its code. */
const nextSteps: Readonly<Record<string, string>> = {
  unreachable: 'Is Porchlight running there? It may have been killed: npm start starts it again.',
  unauthenticated: 'The token is not known there: the server may have been started again, or the link been replaced.',
  forbidden: 'This needs the rights of the owner.',
  'app-not-found': 'See npm start -- app list.',
  'lobby-not-found': 'See npm start -- lobby list.',
  'session-not-found': 'See npm start -- session list.',
  'record-not-found': 'See npm start -- session records.',
  'invitation-not-found': 'See npm start -- invite list.',
}

/** Runs it; what a server refuses comes out with what can be done about it. */
export async function explain<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const step = error instanceof ApiError ? nextSteps[error.code] : undefined
    if (!(error instanceof ApiError) || step === undefined) throw error
    throw new ApiError(error.code, `${error.message}\n${step}`, { status: error.status, cause: error })
  }
}
