import { useState } from 'react'
import { Button, Input } from 'antd'
import { items, type ItemRow } from '@/api'
import { StatusTag } from '@/ui'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { useTitle } from '@/ui/desk/useTitle'
import { ChangeStatus } from './ChangeStatus'

/** The catalogue as the bureau sees it: find an item, suspend it with a reason, publish it again. */
export default function Items() {
  useTitle('事项')
  const [words, setWords] = useState('')
  const [q, setQ] = useState('')
  const [changing, setChanging] = useState<ItemRow>()
  const list = useKeyset(['desk-items', q], (cursor) => items.search({ q, cursor }))
  return (
    <>
      <div className="desk-head">
        <h1>事项</h1>
        <Input.Search className="desk-filter-box" aria-label="查找事项" placeholder="事项名称、拼音首字母" value={words} onChange={(e) => setWords(e.target.value)} onSearch={(v) => setQ(v.trim())} allowClear enterButton="查找" />
      </div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="目录里没有这样的事项。请换一个说法查找，或先用命令导入事项。">
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold">
              <caption className="off">事项目录</caption>
              <thead><tr><th scope="col">事项</th><th scope="col">部门</th><th scope="col">区划</th><th scope="col">类型</th><th scope="col">状态</th><th scope="col">操作</th></tr></thead>
              <tbody>
                {list.rows.map((r) => (
                  <tr key={r.id}>
                    <td className="what"><a href={`/items/${r.id}`} target="_blank" rel="noreferrer">{r.name}</a></td>
                    <td>{r.org_name}</td>
                    <td>{r.region_name}</td>
                    <td>{r.project_type === 'instant' ? '即办件' : '承诺件'}</td>
                    <td>{r.status === 'published' ? <StatusTag tone="good">在用</StatusTag> : <StatusTag tone="todo">已暂停</StatusTag>}</td>
                    <td><Button size="small" onClick={() => setChanging(r)} aria-label={`${r.status === 'published' ? '暂停' : '恢复'}${r.name}`}>{r.status === 'published' ? '暂停' : '恢复'}</Button></td>
                  </tr>
                ))}
              </tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
      {changing && <ChangeStatus row={changing} close={() => setChanging(undefined)} />}
    </>
  )
}
