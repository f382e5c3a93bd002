import { useState } from 'react'
import { Button, Drawer, Input } from 'antd'
import { desk, type Licence } from '@/api'
import { StatusTag, type Tone } from '@/ui'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useMe } from '@/ui/desk/me'
import { useKeyset } from '@/ui/desk/useKeyset'
import { useTitle } from '@/ui/desk/useTitle'
import { day } from '@/ui/desk/when'
import { LicenceDetail } from './LicenceDetail'
import { Revoke } from './Revoke'

const tone = (l: Licence): Tone => (l.status !== 'valid' ? 'bad' : l.status_text === '有效' ? 'good' : 'todo')

/** The licences my organisation has issued: find one, look at it, end it with the reason. */
export default function Licences() {
  useTitle('证照')
  const me = useMe()
  const [words, setWords] = useState('')
  const [q, setQ] = useState('')
  const [open, setOpen] = useState<Licence>()
  const [revoking, setRevoking] = useState<Licence>()
  const list = useKeyset(['desk-licences', q], (cursor) => desk.licences({ q: q || undefined, cursor }))
  const shown = open && (list.rows.find((l) => l.id === open.id) ?? open)
  return (
    <>
      <div className="desk-head">
        <h1>证照</h1>
        <Input.Search className="desk-filter-box" aria-label="查找证照" placeholder="证照编号、标识、办件编号或持证人" value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => setQ(v.trim())} allowClear enterButton="查找" />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={q ? `没有找到与“${q}”有关的证照，请核对编号或姓名。` : '本部门还没有颁发证照。准予许可后会自动制作。'}>
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold">
              <caption className="off">本部门颁发的证照</caption>
              <thead><tr><th scope="col">证照和编号</th><th scope="col">持证人</th><th scope="col">状态</th><th scope="col">颁发</th><th scope="col">有效期至</th></tr></thead>
              <tbody>
                {list.rows.map((l) => (
                  <tr key={l.id} className="link" onClick={() => setOpen(l)}>
                    <td className="what">
                      <button type="button" className="desk-link" aria-haspopup="dialog" onClick={(e) => { e.stopPropagation(); setOpen(l) }}>{l.title}</button>
                      <span className="desk-no">{l.number}</span>
                    </td>
                    <td>{l.holder_name}</td>
                    <td><StatusTag tone={tone(l)}>{l.status_text}</StatusTag></td>
                    <td className="number"><span className="fold-label">颁发 </span>{day(l.issued_at)}</td>
                    <td className="number"><span className="fold-label">有效期至 </span>{l.valid_to ? day(l.valid_to) : '长期'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
      <Drawer
        open={Boolean(shown)} onClose={() => setOpen(undefined)} size={640} destroyOnHidden title={shown?.title}
        footer={shown?.status === 'valid' && me.actions.includes('licence.revoke') ? <Button danger onClick={() => setRevoking(shown)}>撤销、吊销或注销</Button> : undefined}
      >
        {shown && <LicenceDetail l={shown} />}
      </Drawer>
      {revoking && <Revoke licence={revoking} close={() => setRevoking(undefined)} />}
    </>
  )
}
