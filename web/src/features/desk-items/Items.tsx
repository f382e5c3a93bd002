import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, App, Button, Input, Modal, Tag } from 'antd'
import { desk, explain, items, type ItemRow } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'

/** The catalogue as the bureau sees it: find an item, suspend it with a reason, publish it again. */
export default function Items() {
  const [words, setWords] = useState('')
  const [q, setQ] = useState('')
  const [changing, setChanging] = useState<ItemRow>()
  const list = useKeyset(['desk-items', q], (cursor) => items.search({ q, cursor }))
  return (
    <>
      <h1>事项</h1>
      <div className="desk-bar">
        <Input.Search aria-label="查找事项" placeholder="事项名称、拼音首字母" value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => setQ(v.trim())} allowClear style={{ maxWidth: 360 }} />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="目录里没有事项。请先用命令导入，或换一个说法查找。">
        {list.rows.length > 0 && (
          <>
            <div className="desk-scroll">
              <table className="desk-table fold">
                <thead><tr><th scope="col">状态</th><th scope="col">事项</th><th scope="col">部门</th><th scope="col">区划</th><th scope="col">类型</th><th scope="col">操作</th></tr></thead>
                <tbody>
                  {list.rows.map((r) => (
                    <tr key={r.id}>
                      <td>{r.status === 'published' ? <Tag color="success">已发布</Tag> : <Tag color="warning">已暂停</Tag>}</td>
                      <td><a href={`/items/${r.id}`} target="_blank" rel="noreferrer">{r.name}</a></td>
                      <td>{r.org_name}</td>
                      <td>{r.region_name}</td>
                      <td>{r.project_type === 'instant' ? '即办件' : '承诺件'}</td>
                      <td><Button size="small" onClick={() => setChanging(r)}>{r.status === 'published' ? '暂停' : '恢复'}</Button></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <LoadMore more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
      {changing && <ChangeStatus row={changing} close={() => setChanging(undefined)} />}
    </>
  )
}

function ChangeStatus({ row, close }: { row: ItemRow; close: () => void }) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [failed, setFailed] = useState('')
  const suspend = row.status === 'published'
  const change = async () => {
    try {
      // The version is read now, so that a change made meanwhile by somebody else is noticed by the server.
      const { version } = await items.get(row.id)
      await desk.itemStatus(row.id, { status: suspend ? 'suspended' : 'published', reason: reason.trim(), version })
      await client.invalidateQueries({ queryKey: ['desk-items'] })
      void message.success(suspend ? '已暂停，指南页会说明原因。' : '已恢复办理。')
      close()
    } catch (e) {
      setFailed(explain(e))
    }
  }
  return (
    <Modal open title={`${suspend ? '暂停' : '恢复'}“${row.name}”`} okText={suspend ? '确认暂停' : '确认恢复'} cancelText="取消" okButtonProps={{ disabled: !reason.trim(), danger: suspend }} onOk={() => void change()} onCancel={close}>
      {failed && <Alert type="error" showIcon role="alert" title={failed} style={{ marginBottom: 12 }} />}
      <p className="desk-quiet">{suspend ? '暂停后不能再提交新的申请，已提交的件照常办理。' : '恢复后立即可以申请。'}</p>
      <label htmlFor="reason">理由（会显示在办事指南上）</label>
      <Input.TextArea id="reason" autoFocus value={reason} onChange={(e) => setReason(e.target.value)} maxLength={300} autoSize={{ minRows: 2 }} />
    </Modal>
  )
}
