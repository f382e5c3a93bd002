import { useEffect, useState, type ReactNode } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { NavLink, useLocation } from 'react-router'
import { session, type Me } from '@/api'
import { useUnread } from '@/features/notify/useUnread'
import { readDisplay, saveDisplay, useOnline, type Display } from '@/ui'
import { isApplicant } from '@/ui/me'
import { Mark } from './Mark'

const city = '随州市'

/** The same head and foot as the public pages, so that signing in is not a change of house. */
export function Frame({ me, children }: { me?: Me; children: ReactNode }) {
  const { pathname } = useLocation()
  const online = useOnline()
  useEffect(() => {
    // scrollTo gives a promise in newer browsers: an effect must not return it.
    scrollTo({ top: 0 })
  }, [pathname])
  return (
    <>
      <a className="skip" href="#main">跳到正文</a>
      <header className="no-print">
        <div className="bar"><div className="wrap"><a href="tel:12345">政务服务便民热线 12345</a><DisplaySwitches /></div></div>
        <div className="top"><div className="wrap">
          <a className="brand" href="/"><Mark /><span><b>{city}政务服务</b><i>一扇门 · 一次办</i></span></a>
          {me && isApplicant(me) && <Nav />}
          <div className="me">{me ? <Account me={me} /> : <a className="btn" href="/">回到首页</a>}</div>
        </div></div>
      </header>
      {!online && <p className="offline no-print" role="status">网络不通。已打开的内容可以继续看，填写的内容会留在这台设备上，恢复后自动保存。</p>}
      <p className="print print-head">{city}政务服务</p>
      <main id="main" tabIndex={-1}>{children}</main>
      <footer className="foot no-print">
        <div className="wrap"><p>主办：{city}政务服务和大数据管理局　热线：12345（24小时）</p></div>
      </footer>
    </>
  )
}

function Nav() {
  const { unread, connected } = useUnread()
  const links: [string, string, boolean][] = [['/my', '我的空间', true], ['/my/cases', '办件', false], ['/my/licences', '证照', false], ['/my/notices', '消息', false]]
  return (
    <nav className="nav" aria-label="我的空间">
      <ul>
        {links.map(([to, name, end]) => (
          <li key={to}>
            <NavLink to={to} end={end}>
              {name}
              {to === '/my/notices' && unread > 0 && <span className="badge" data-connected={connected}><span className="off">，未读 </span>{unread > 99 ? '99+' : unread}</span>}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Account({ me }: { me: Me }) {
  const queries = useQueryClient()
  const out = useMutation({
    mutationFn: session.signOut,
    // Signed out means signed out on the screen too: nothing of this person stays in memory.
    onSettled: () => {
      queries.clear()
      location.assign('/')
    },
  })
  return (
    <>
      <span className="me-name">{me.applicant?.kind === 'legal' ? me.applicant.name : me.name}</span>
      <button type="button" className="btn" disabled={out.isPending} onClick={() => out.mutate()}>退出</button>
    </>
  )
}

function DisplaySwitches() {
  const [display, setDisplay] = useState<Display>(readDisplay)
  const toggle = (k: keyof Display) => {
    const next = { ...display, [k]: !display[k] }
    setDisplay(next)
    saveDisplay(next)
  }
  return (
    <div className="switches" role="group" aria-label="显示方式">
      <button type="button" aria-pressed={display.elder} onClick={() => toggle('elder')}>长者模式</button>
      <button type="button" aria-pressed={display.contrast} onClick={() => toggle('contrast')}>高对比</button>
    </div>
  )
}
