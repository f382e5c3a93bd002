import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { App, Alert, Button, Input, Modal } from 'antd'
import { desk, explain, licences, type Licence } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { minute } from '@/ui/desk/when'
import { useKeyset } from '@/ui/desk/useKeyset'

/** The licences my organisation has issued: find one, look at it, revoke it with the reason. */
export default function Licences() {
  const [words, setWords] = useState('')
  const [q, setQ] = useState('')
  const [revoking, setRevoking] = useState<Licence>()
  const list = useKeyset(['desk-licences', q], (cursor) => desk.licences({ q: q || undefined, cursor }))
  return (
    <>
      <h1>证照</h1>
      <div className="desk-bar">
        <Input.Search aria-label="查找证照" placeholder="证照编号、标识或持证人" value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => setQ(v.trim())} allowClear style={{ maxWidth: 360 }} />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={q ? `没有找到与“${q}”有关的证照，请核对编号或姓名。` : '本部门还没有颁发证照。准予许可后会自动制作。'}>
        {list.rows.length > 0 && (
          <>
            <div className="desk-scroll">
              <table className="desk-table fold">
                <thead><tr><th scope="col">状态</th><th scope="col">证照</th><th scope="col">编号</th><th scope="col">持证人</th><th scope="col">颁发</th><th scope="col">有效期至</th><th scope="col">操作</th></tr></thead>
                <tbody>
                  {list.rows.map((l) => (
                    <tr key={l.id}>
                      <td>{l.status_text}</td>
                      <td>{l.title}</td>
                      <td className="number">{l.number}</td>
                      <td>{l.holder_name}</td>
                      <td className="number">{day(l.issued_at)}</td>
                      <td className="number">{l.valid_to ? day(l.valid_to) : '长期'}</td>
                      <td>
                        <a href={licences.fileHref(l.id, 'pdf')} target="_blank" rel="noreferrer">查看</a>　
                        {l.status === 'valid' && <Button type="link" danger size="small" onClick={() => setRevoking(l)}>撤销</Button>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <LoadMore more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
      {revoking && <Revoke licence={revoking} close={() => setRevoking(undefined)} />}
    </>
  )
}

const day = (iso: string) => minute(iso).slice(0, 10)

function Revoke({ licence, close }: { licence: Licence; close: () => void }) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [failed, setFailed] = useState('')
  const revoke = async () => {
    try {
      await desk.revoke(licence.id, reason.trim())
      await client.invalidateQueries({ queryKey: ['desk-licences'] })
      void message.success('已撤销，查验时会立即显示。')
      close()
    } catch (e) {
      setFailed(explain(e))
    }
  }
  return (
    <Modal open title={`撤销“${licence.title}”`} okText="确认撤销" cancelText="取消" okButtonProps={{ danger: true, disabled: !reason.trim() }} onOk={() => void revoke()} onCancel={close}>
      {failed && <Alert type="error" showIcon role="alert" title={failed} style={{ marginBottom: 12 }} />}
      <p>{licence.holder_name}　{licence.number}</p>
      <p className="desk-quiet">撤销后任何人查验都会看到“已撤销”，持证人会收到通知。不能恢复。</p>
      <label htmlFor="reason">撤销的理由和依据</label>
      <Input.TextArea id="reason" autoFocus value={reason} onChange={(e) => setReason(e.target.value)} maxLength={500} autoSize={{ minRows: 3 }} />
    </Modal>
  )
}
