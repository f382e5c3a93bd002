import { Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Input, type InputRef, Result } from 'antd'
import { Link, Navigate, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import ExportOutlined from '@ant-design/icons-svg/es/asn/ExportOutlined'
import { desk, explain, session, whenSignedOut, type Me } from '@/api'
import { Icon, useOnline, Waiting } from '@/ui'
import { MeContext } from '@/ui/desk/me'
import { DeskLiveContext, liveWhileSeen, type DeskLive } from '@/ui/desk/live'
import { NoticeBell } from '@/features/desk-session/NoticeBell'
import { Who } from '@/features/desk-session/Who'
import { routes } from './routes'

const may = (me: Me, actions?: string[]) => !actions || actions.some((a) => me.actions.includes(a))

/** The frame of the desk: what my posts allow on the left, one search on top, the work in the middle. */
export function Shell() {
  const navigate = useNavigate()
  const location = useLocation()
  const client = useQueryClient()
  const me = useQuery({ queryKey: ['me'], queryFn: session.me, retry: false, staleTime: 60_000 })

  const toSignIn = `/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`
  const signedOut = me.data?.kind === 'anonymous'
  useEffect(() => whenSignedOut(() => void navigate(toSignIn, { replace: true })), [navigate, toSignIn])

  if (signedOut) return <Navigate to={toSignIn} replace />
  if (me.isPending) return <Waiting />
  if (!me.data) return <main><Result status="error" title={<h1>工作台打不开</h1>} subTitle={explain(me.error)} extra={<Button type="primary" onClick={() => void me.refetch()}>再试一次</Button>} /></main>
  if (me.data.kind !== 'staff') {
    return (
      <main>
        <Result status="info" title={<h1>这里是工作人员的工作台</h1>} subTitle="您登录的是个人或企业账号。要办事请去门户；工作人员请退出后用单位账号登录。" extra={[
          <Button key="my" type="primary" href="/my">去我的空间</Button>,
          <Button key="out" onClick={() => void session.signOut().then(() => { client.clear(); return navigate(toSignIn) })}>退出并换账号</Button>,
        ]} />
      </main>
    )
  }
  // Another post has other cases and another stream: the frame is made anew.
  return <Frame key={`${me.data.org_name ?? ''} ${me.data.post ?? ''}`} me={me.data} />
}

function Frame({ me }: { me: Me }) {
  const location = useLocation()
  const online = useOnline()
  const work = useRef<HTMLElement>(null)
  const live = useDeskStream(may(me, ['intake.view']))
  const allowed = routes.filter((r) => r.name && may(me, r.actions))
  const here = routes.find((r) => r.path === location.pathname)

  // A new page starts at its top; the keyboard and the reader start there too.
  const first = useRef(true)
  useEffect(() => {
    if (!first.current) work.current?.focus({ preventScroll: true })
    first.current = false
  }, [location.pathname])

  if (location.pathname === '/desk' && !may(me, ['intake.view']) && allowed[0]) return <Navigate to={allowed[0].path} replace />
  return (
    <MeContext value={me}>
      <DeskLiveContext value={live}>
        <a className="desk-skip" href="#work">跳到正文</a>
        <div className="desk">
          <aside className="desk-side">
            <Link className="desk-brand" to="/desk">一扇门<small>工作台</small></Link>
            <nav aria-label="工作台">
              {allowed.map((r) => (
                <NavLink key={r.path} to={r.path} end={r.path === '/desk'} className={({ isActive }) => (isActive || (r.path === '/desk' && location.pathname.startsWith('/desk/cases/')) ? 'active' : '')}>
                  {r.icon && <Icon of={r.icon} />}{r.name}
                </NavLink>
              ))}
            </nav>
            <a className="desk-portal" href="/"><Icon of={ExportOutlined} />公众门户</a>
          </aside>
          <header className="desk-top">
            {may(me, ['intake.view']) ? <Find /> : <span />}
            <div className="desk-who"><NoticeBell /><Who me={me} /></div>
          </header>
          <main id="work" className="desk-work" tabIndex={-1} ref={work}>
            {!online && <Alert className="desk-alert" type="warning" showIcon role="alert" title="网络断开了" description="看到的是断开之前的内容；正在填写的意见不会丢失，网络恢复后再提交。" />}
            {here && !may(me, here.actions)
              ? <><h1>{here.name}</h1><Alert type="info" showIcon title="您现在的岗位不能查看这一页" description="权限随岗位授予：请联系本单位管理员开通，或在右上角切换到有权限的岗位。" /></>
              : <Suspense fallback={<Waiting lines={6} />}><Outlet /></Suspense>}
          </main>
        </div>
      </DeskLiveContext>
    </MeContext>
  )
}

/** One stream of changes for all pages of the desk. */
function useDeskStream(mayView: boolean): DeskLive {
  const [connected, setConnected] = useState(true)
  const listeners = useRef(new Set<() => void>())
  useEffect(() => {
    if (!mayView) return
    return liveWhileSeen(desk.stream, () => listeners.current.forEach((f) => f()), setConnected)
  }, [mayView])
  return useMemo(() => ({
    connected,
    subscribe: (f) => {
      listeners.current.add(f)
      return () => listeners.current.delete(f)
    },
  }), [connected])
}

/** One search for everything: a case number opens its case, words look through the inbox. */
function Find() {
  const navigate = useNavigate()
  const search = useRef<InputRef>(null)
  const [words, setWords] = useState('')
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
  const find = () => {
    const q = words.trim()
    if (!q) return
    void navigate(/^\d{14}[0-9A-Za-z]+$/.test(q) ? `/desk/cases/${encodeURIComponent(q.toUpperCase())}` : `/desk?q=${encodeURIComponent(q)}`)
    search.current?.blur()
  }
  return (
    <search className="desk-search">
      <Input.Search
        ref={search} value={words} onChange={(e) => setWords(e.target.value)} onSearch={find} allowClear enterButton="查找"
        placeholder="办件编号、申请人、事项（Ctrl+K）" aria-label="查找办件" aria-keyshortcuts="Control+K Meta+K"
      />
    </search>
  )
}
