import { Suspense, useEffect, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, type InputRef, Result } from 'antd'
import { Link, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { ApiError, explain, session, whenSignedOut } from '@/api'
import { Waiting } from '@/ui'
import { MeContext } from '@/ui/desk/me'
import { routes } from './routes'

/** The frame of the desk: what my posts allow on the left, one search on top, the work in the middle. */
export function Shell() {
  const navigate = useNavigate()
  const location = useLocation()
  const client = useQueryClient()
  const me = useQuery({ queryKey: ['me'], queryFn: session.me, retry: false, staleTime: 60_000 })
  const search = useRef<InputRef>(null)
  const [words, setWords] = useState('')

  const toSignIn = `/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`
  const signedOut = (me.error instanceof ApiError && me.error.status === 401) || me.data?.kind === 'anonymous'
  useEffect(() => whenSignedOut(() => void navigate(toSignIn, { replace: true })), [navigate, toSignIn])
  useEffect(() => {
    if (signedOut) void navigate(toSignIn, { replace: true })
  }, [signedOut, navigate, toSignIn])
  useEffect(() => {
    const focus = (e: KeyboardEvent) => {
      if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault()
        search.current?.focus({ cursor: 'all' })
      }
    }
    window.addEventListener('keydown', focus)
    return () => window.removeEventListener('keydown', focus)
  }, [])

  if (me.isPending || signedOut) return <Waiting />
  if (me.error) return <Result status="error" title="工作台打不开" subTitle={explain(me.error)} extra={<Button type="primary" onClick={() => void me.refetch()}>重试</Button>} />
  if (me.data.kind !== 'staff') {
    return <Result status="403" title="这里是工作人员的工作台" subTitle="您登录的是个人或企业账号。要办事请去门户；工作人员请退出后用单位账号登录。" extra={[
      <Button key="my" type="primary" href="/my">去我的空间</Button>,
      <Button key="out" onClick={() => void session.signOut().then(() => { client.clear(); return navigate(toSignIn) })}>退出并换账号</Button>,
    ]} />
  }

  const allowed = routes.filter((r) => r.name && (!r.action || me.data.actions.includes(r.action)))
  const find = () => {
    const q = words.trim()
    if (q) void navigate(/^\d{14,}/.test(q) ? `/desk/cases/${encodeURIComponent(q.toUpperCase())}` : `/desk?q=${encodeURIComponent(q)}`)
  }
  return (
    <MeContext value={me.data}>
      <a className="desk-skip" href="#work">跳到正文</a>
      <div className="desk">
        <aside className="desk-side">
          <Link className="desk-brand" to="/desk">一扇门<small>工作台</small></Link>
          <nav aria-label="工作台">
            {allowed.map((r) => <NavLink key={r.path} to={r.path} end={r.path === '/desk'}>{r.name}</NavLink>)}
          </nav>
          <a className="desk-portal" href="/">公众门户</a>
        </aside>
        <header className="desk-top">
          <Input.Search
            ref={search} value={words} onChange={(e) => setWords(e.target.value)} onSearch={find} allowClear
            placeholder="办件编号、申请人、事项（Ctrl+K）" aria-label="查找办件" className="desk-search"
          />
          <div className="desk-who">
            <span><b>{me.data.name}</b>{me.data.post ? `　${me.data.org_name ?? ''} ${me.data.post}` : ''}</span>
            <Button size="small" onClick={() => void session.signOut().then(() => { client.clear(); return navigate('/desk/sign-in') })}>退出</Button>
          </div>
        </header>
        <main id="work" className="desk-work" tabIndex={-1}>
          <Suspense fallback={<Waiting />}><Outlet /></Suspense>
        </main>
      </div>
    </MeContext>
  )
}
