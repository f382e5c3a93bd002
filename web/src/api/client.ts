import createClient from 'openapi-fetch'
import { offlineError, toApiError } from './problem'
import type { paths } from './types'

/** Called when the server says that nobody is signed in. The shell sends people to sign in. */
let onSignedOut: () => void = () => undefined
export function whenSignedOut(f: () => void): void {
  onSignedOut = f
}

/**
 * The one door to the server. Same origin, session by cookie; the server's cross-origin
 * protection needs nothing from us. `fetch` is looked up late so that tests can replace it.
 */
export const http = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  fetch: (request) => globalThis.fetch(request),
})

interface Answer {
  data?: unknown
  error?: unknown
  response: Response
}

/**
 * Unwraps an answer: the data, or an ApiError with Chinese words. The path, the parameters and the
 * body of a call are checked against the generated schema; T is the glossary's name of what comes
 * back (types.ts), which narrows the generated shape.
 */
export async function call<T>(answer: Promise<Answer>): Promise<T> {
  let a: Answer
  try {
    a = await answer
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    // fetch rejects only when nothing was reached; a body that is no JSON is a half answer.
    if (e instanceof SyntaxError) throw toApiError(502, null)
    throw offlineError()
  }
  if (!a.response.ok) {
    const error = toApiError(a.response.status, a.error)
    if (error.status === 401 && error.code !== 'session.bad-credentials') onSignedOut()
    throw error
  }
  return a.data as T
}

