import { useState } from 'react'
import { Input } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { desk, type AuditRow } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { useTitle } from '@/ui/desk/useTitle'
import { minute } from '@/ui/desk/when'

const objects: Record<string, string> = { case: '办件', licence: '证照', item: '事项', account: '账号', post: '岗位', session: '登录', keys: '密钥' }
const kinds: Record<string, string> = { system: '系统', citizen: '个人', enterprise: '企业', staff: '工作人员', anonymous: '未登录' }

/** Who did what, when, and on what ground. Nothing here can be changed or removed. */
export default function Audit() {
  useTitle('操作记录')
  const [params, setParams] = useSearchParams()
  const no = params.get('case') ?? ''
  const [words, setWords] = useState(no)
  const list = useKeyset(['desk-audit', no], (cursor) => desk.audit({ ...(no ? { object_kind: 'case', object_id: no } : {}), cursor }))
  return (
    <>
      <div className="desk-head">
        <h1>操作记录</h1>
        <Input.Search className="desk-filter-box" aria-label="按办件编号查" placeholder="办件编号" value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => setParams(v.trim() ? { case: v.trim().toUpperCase() } : {})} allowClear enterButton="查找" />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty={no ? `没有办件“${no}”的记录，请核对编号。` : '还没有操作记录。'}>
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold">
              <caption className="off">操作记录，最新的在前</caption>
              <thead><tr><th scope="col">时间</th><th scope="col">谁</th><th scope="col">做了什么</th><th scope="col">对象</th><th scope="col">理由</th></tr></thead>
              <tbody>
                {list.rows.map((r) => (
                  <tr key={r.id}>
                    <td className="number">{minute(r.at)}</td>
                    <td>{r.actor_name || kinds[r.actor_kind]}{r.post_name && <span className="desk-no">{r.post_name}</span>}</td>
                    <td>{/[\u4e00-\u9fff]/.test(r.action_name) ? r.action_name : '其他操作'}</td>
                    <td className="what"><Thing r={r} /></td>
                    <td>{r.ground || <span className="desk-quiet">—</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}

function Thing({ r }: { r: AuditRow }) {
  const name = objects[r.object_kind] ?? '其他'
  // An account or a post has no number that anybody knows it by.
  if (/^[0-9a-f]{8}-/.test(r.object_id)) return name
  return <>{name}<span className="desk-no">{r.object_kind === 'case' ? <Link to={`/desk/audit?case=${encodeURIComponent(r.object_id)}`}>{r.object_id}</Link> : r.object_id}</span></>
}
