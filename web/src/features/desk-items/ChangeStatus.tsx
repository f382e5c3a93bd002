import { useState } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, App } from 'antd'
import { desk, explain, items, type ItemRow } from '@/api'
import { Ask } from '@/ui/desk/Ask'
import { LongText } from '@/ui/desk/LongText'

/** Suspends an item with the reason that the guide will show, or publishes it again. */
export function ChangeStatus({ row, close }: { row: ItemRow; close: () => void }) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [failed, setFailed] = useState('')
  const [busy, setBusy] = useState(false)
  // The version is that of the item as it is when the dialog opens: a change made meanwhile is noticed by the server.
  const item = useQuery({ queryKey: ['desk-item', row.id], queryFn: () => items.get(row.id), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false })
  const suspend = row.status === 'published'
  const change = async () => {
    if (!item.data) return
    setBusy(true)
    try {
      await desk.itemStatus(row.id, { status: suspend ? 'suspended' : 'published', reason: reason.trim(), version: item.data.version })
      await client.invalidateQueries({ queryKey: ['desk-items'] })
      void message.success(suspend ? '已暂停，指南页会说明原因。' : '已恢复办理。')
      close()
    } catch (e) {
      setFailed(explain(e))
      void item.refetch()
    } finally {
      setBusy(false)
    }
  }
  return (
    <Ask
      title={`${suspend ? '暂停' : '恢复'}“${row.name}”`} okText={suspend ? '确认暂停' : '确认恢复'}
      confirmLoading={busy} okButtonProps={{ disabled: !item.data || (suspend && reason.trim().length < 2), danger: suspend }} onOk={() => void change()} onCancel={close}
    >
      {(failed || item.error) && <Alert className="desk-alert" type="error" showIcon role="alert" title={failed || explain(item.error)} />}
      <p className="desk-line">{row.org_name}　{row.region_name}</p>
      {!suspend && item.data?.status_reason && <p>暂停的原因：{item.data.status_reason}</p>}
      <p className="desk-effect">{suspend ? '暂停后不能再提交新的申请，已提交的件照常办理。' : '恢复后立即可以申请。'}</p>
      {suspend && <LongText label="暂停的原因（会显示在办事指南上）" value={reason} onChange={setReason} max={500} rows={2} />}
    </Ask>
  )
}
