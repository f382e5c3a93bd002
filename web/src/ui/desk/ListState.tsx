import type { ReactNode } from 'react'
import { Alert, Button } from 'antd'
import { ApiError, explain } from '@/api'
import { Empty, Waiting } from '@/ui'

interface Props {
  pending: boolean
  error: unknown
  /** What emptiness means and what to do. */
  empty: string
  retry: () => void
  /** Nothing when there is nothing to show. */
  children?: ReactNode
}

/**
 * The states of everything that is read: waiting, failed, empty, there. What was read before stays
 * when reading it again fails: it is old, and it says so.
 */
export function ListState({ pending, error, empty, retry, children }: Props) {
  if (pending) return <Waiting lines={6} />
  if (error && children) {
    return (
      <>
        <Alert className="desk-alert" type="warning" showIcon role="alert" title="下面的内容可能不是最新" description={explain(error)} action={<Button size="small" onClick={retry}>再试一次</Button>} />
        {children}
      </>
    )
  }
  if (error) return <Failed error={error} retry={retry} />
  if (children) return children
  const [what = empty, ...then] = empty.split(/(?<=。)/)
  return <Empty title={what.replace(/。$/, '')}>{then.join('')}</Empty>
}

function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const status = error instanceof ApiError ? error.status : -1
  const id = error instanceof ApiError && status >= 500 ? error.problem.request_id : undefined
  if (status === 403) {
    return <Alert className="desk-alert" type="info" showIcon role="alert" title={explain(error)} description="权限随岗位授予：请联系本单位管理员开通，或在右上角切换到有权限的岗位。" />
  }
  if (status === 404) return <Alert className="desk-alert" type="info" showIcon role="alert" title={explain(error)} />
  return (
    <Alert
      className="desk-alert" type="error" showIcon role="alert" title={explain(error)}
      description={id ? `已提交的内容都是安全的。求助时请报编号：${id}` : '已提交的内容都是安全的。'}
      action={<Button onClick={retry}>再试一次</Button>}
    />
  )
}
