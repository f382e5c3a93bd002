import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, cases, explain, session, whenSignedOut } from '.'

const reply = (status: number, body: unknown, type = 'application/json') =>
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(body === null ? null : typeof body === 'string' ? body : JSON.stringify(body), { status, headers: { 'content-type': type } }))))
const failure = async (p: Promise<unknown>): Promise<ApiError> => {
  const e = await p.then(() => null, (x: unknown) => x)
  if (!(e instanceof ApiError)) throw new Error('no ApiError')
  return e
}
afterEach(() => vi.unstubAllGlobals())

describe('call', () => {
  it('gives the data of a good answer', async () => {
    reply(200, { rows: [], next: 'x' })
    expect(await cases.mine()).toEqual({ rows: [], next: 'x' })
  })
  it('gives the server’s own words for a problem, its code and fields', async () => {
    reply(422, { type: 'about:blank', title: 'x', status: 422, detail: '表单有内容需要修改。', code: 'form.invalid', fields: [{ path: '/form/name', message: '请填写“店名”。' }] }, 'application/problem+json')
    const e = await failure(cases.mine())
    expect(e).toMatchObject({ status: 422, code: 'form.invalid', message: '表单有内容需要修改。' })
    expect(e.problem.fields).toHaveLength(1)
    expect(e.passing).toBe(false)
  })
  it('keeps what the loser of a race should see', async () => {
    reply(409, { detail: '已被处理', code: 'intake.stale', current: { state: 'accepted', version: 3 } }, 'application/problem+json')
    expect((await failure(cases.get('1'))).problem.current).toEqual({ state: 'accepted', version: 3 })
  })
  it('has Chinese words for a proxy’s page', async () => {
    reply(502, '<html>Bad Gateway</html>', 'text/html')
    const e = await failure(cases.mine())
    expect(e.passing).toBe(true)
    expect(explain(e)).toMatch(/系统暂时无法处理/)
  })
  it('knows that the network is gone', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('Failed to fetch'))))
    const e = await failure(cases.mine())
    expect(e.offline).toBe(true)
    expect(explain(e)).toMatch(/网络不通/)
  })
  it('takes half an answer for a passing failure', async () => {
    reply(200, '{"rows":[')
    expect((await failure(cases.mine())).passing).toBe(true)
  })
  it('tells the shell when the session is over', async () => {
    const gone = vi.fn()
    whenSignedOut(gone)
    reply(401, { detail: '登录已过期', code: 'session.expired' }, 'application/problem+json')
    await failure(session.me())
    expect(gone).toHaveBeenCalledOnce()
    whenSignedOut(() => undefined)
  })
  it('sends the idempotency key', async () => {
    reply(201, { case_no: '1' })
    await cases.submit('d1', 'key-12345678')
    const request = vi.mocked(fetch).mock.calls[0]![0] as Request
    expect(request.headers.get('Idempotency-Key')).toBe('key-12345678')
    expect(await request.json()).toEqual({ draft_id: 'd1', promise: true })
  })
})
