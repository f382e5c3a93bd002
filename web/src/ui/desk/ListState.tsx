import type { ReactNode } from 'react'
import { Alert, Button, Empty } from 'antd'
import { explain } from '@/api'
import { Waiting } from '@/ui'

/** What every list shows when it has no rows to show: waiting, the error with a retry, or what emptiness means. */
export function ListState({ pending, error, empty, retry, children }: { pending: boolean; error: unknown; empty: ReactNode; retry: () => void; children?: ReactNode }) {
  if (pending) return <Waiting />
  if (error) return <Alert type="error" showIcon title={explain(error)} action={<Button onClick={retry}>重试</Button>} />
  if (!children) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={<span className="desk-quiet">{empty}</span>} />
  return children
}
