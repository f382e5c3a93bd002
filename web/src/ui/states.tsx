import { useEffect, useState, type ReactNode } from 'react'
import { ApiError, explain } from '@/api'

/** A skeleton, but only when the wait is long enough to be noticed. */
export function Waiting({ lines = 3, label = '正在载入' }: { lines?: number; label?: string }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const t = setTimeout(() => setShown(true), 300)
    return () => clearTimeout(t)
  }, [])
  if (!shown) return <div className="waiting" />
  return (
    <div className="waiting" role="status">
      <span className="off">{label}，请稍候……</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} className="bone" />
      ))}
    </div>
  )
}

/** Nothing here: what that means and what to do. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <p>{action}</p>}
    </div>
  )
}

interface ErrorProps {
  error: unknown
  retry?: () => void
  /** What stands despite the error. */
  safe?: string
  action?: ReactNode
}

/** Something failed: what happened, what is safe, and the way on. */
export function ErrorBox({ error, retry, safe, action }: ErrorProps) {
  const problem = error instanceof ApiError ? error.problem : null
  // What does not exist or is not allowed will not by asking again.
  const final = problem !== null && [403, 404].includes(problem.status)
  return (
    <div className="notice bad" role="alert">
      <p><strong>{explain(error)}</strong></p>
      {safe && <p>{safe}</p>}
      {problem?.fields && problem.fields.length > 0 && (
        <ul>{problem.fields.map((f) => <li key={f.path + f.message}>{f.message}</li>)}</ul>
      )}
      {problem?.request_id && problem.status >= 500 && <p className="small">求助时请报编号：{problem.request_id}</p>}
      {((retry && !final) || action) && (
        <p className="row">
          {retry && !final && <button type="button" className="btn" onClick={retry}>再试一次</button>}
          {action}
        </p>
      )}
    </div>
  )
}

/** A message in its place: information, success, warning. */
export function Note({ tone = 'info', children }: { tone?: 'info' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>{children}</div>
}

/** Whether the device believes to be on line. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const up = () => setOnline(true)
    const down = () => setOnline(false)
    addEventListener('online', up)
    addEventListener('offline', down)
    return () => {
      removeEventListener('online', up)
      removeEventListener('offline', down)
    }
  }, [])
  return online
}
