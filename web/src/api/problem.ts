/** An RFC 9457 problem as the server sends it: words for people, a stable code for programs. */
export interface Problem {
  status: number
  code: string
  /** Chinese, says what to do. */
  detail: string
  title?: string
  request_id?: string
  fields?: { path: string; message: string }[]
  /** What the loser of a race should see now. */
  current?: unknown
}

const offlineWords = '网络不通，内容已留在这台设备上。请检查网络，恢复后再试。'

/** The one error that leaves the client. `offline` means that the server was not reached at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
  get status() {
    return this.problem.status
  }
  get code() {
    return this.problem.code
  }
  get offline() {
    return this.problem.code === 'client.offline'
  }
  /** Worth asking again by itself: no answer, or a server that says it is busy or restarting. */
  get passing() {
    return this.offline || this.status === 502 || this.status === 503 || this.status === 504
  }
}

export function offlineError(): ApiError {
  return new ApiError({ status: 0, code: 'client.offline', detail: offlineWords })
}

/** For answers that carry no problem document (a proxy's page, a cut-off body). */
export function wordsForStatus(status: number): string {
  if (status === 401) return '登录已过期，请重新登录。已填写的内容不会丢失。'
  if (status === 403) return '您没有办理这件事的权限。'
  if (status === 404) return '没有找到这项内容，可能已被删除，或不属于您。'
  if (status === 409) return '内容已被他人更新，请刷新后再试。'
  if (status === 413) return '内容过大，请缩小后再试。'
  if (status === 429) return '操作太频繁，请稍候再试。'
  if (status >= 500) return '系统暂时无法处理，已提交的内容是安全的，请稍后再试。'
  return '请求没有成功，请稍后再试。'
}

export function toApiError(status: number, body: unknown): ApiError {
  const p = typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {}
  return new ApiError({
    ...p,
    status,
    code: typeof p.code === 'string' && p.code ? p.code : `http.${status}`,
    detail: typeof p.detail === 'string' && p.detail ? p.detail : wordsForStatus(status),
  })
}

/** Any thrown thing in words for a person. */
export function explain(error: unknown): string {
  return error instanceof ApiError ? error.problem.detail : '页面出了点问题，请刷新后再试。'
}
