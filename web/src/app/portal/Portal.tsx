import { Suspense, useEffect } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Navigate, Outlet, Route, Routes, useLocation, useNavigate } from 'react-router'
import { session, whenSignedOut } from '@/api'
import { ErrorBox, Page, Waiting } from '@/ui'
import { PortalMe } from '@/ui/me'
import { routes } from './routes'
import { Frame } from './Frame'

export function Portal() {
  return (
    <Routes>
      <Route element={<Open />}>
        {routes.filter((r) => r.open).map((r) => <Route key={r.path} path={r.path} element={<r.page />} />)}
      </Route>
      <Route element={<SignedIn />}>
        {routes.filter((r) => !r.open).map((r) => <Route key={r.path} path={r.path} element={<r.page />} />)}
        <Route path="*" element={<Page title="没有这个页面"><p className="row"><a className="btn main" href="/">回到首页</a></p></Page>} />
      </Route>
    </Routes>
  )
}

function Open() {
  return (
    <Frame>
      <Suspense fallback={<Later />}><Outlet /></Suspense>
    </Frame>
  )
}

const Later = () => <div className="page"><Waiting lines={6} /></div>

/** Pages behind the door. Whoever is not signed in is sent there and comes back to the same place. */
function SignedIn() {
  const q = useQuery({ queryKey: ['me'], queryFn: session.me, staleTime: 60_000 })
  const here = useLocation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const back = encodeURIComponent(here.pathname + here.search)

  useEffect(() => {
    const had = queries.getQueryData(['me']) !== undefined
    whenSignedOut(() => void navigate(`/sign-in?back=${back}${had ? '&expired=1' : ''}`, { replace: true }))
    return () => whenSignedOut(() => undefined)
  }, [navigate, queries, back])

  if (q.isPending) return <Frame><Later /></Frame>
  if (q.isError && !q.data) {
    return <Frame><div className="page"><ErrorBox error={q.error} retry={() => void q.refetch()} safe="已保存和已提交的内容都是安全的。" /></div></Frame>
  }
  if (q.data.kind === 'anonymous') return <Navigate to={`/sign-in?back=${back}`} replace />
  return (
    <PortalMe value={q.data}>
      <Frame me={q.data}>
        <Suspense fallback={<Later />}><Outlet /></Suspense>
      </Frame>
    </PortalMe>
  )
}
