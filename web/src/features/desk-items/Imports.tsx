import { useState } from 'react'
import { Segmented } from 'antd'
import { desk } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'

const sources = [{ value: 'guangdong', label: '广东事项' }, { value: 'guangan', label: '广安事项' }]

/** Rows that fit no rule when items were imported, with the reason: the work list of the bureau. */
export default function Imports() {
  const [source, setSource] = useState('guangdong')
  const list = useKeyset(['desk-imports', source], (cursor) => desk.imports({ source, cursor }))
  return (
    <>
      <h1>导入时隔离的事项</h1>
      <div className="desk-bar"><Segmented aria-label="来源" value={source} onChange={setSource} options={sources} /></div>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="这个来源没有被隔离的行。">
        {list.rows.length > 0 && (
          <>
            <div className="desk-scroll">
              <table className="desk-table fold">
                <thead><tr><th scope="col">行</th><th scope="col">事项</th><th scope="col">编码</th><th scope="col">原因</th></tr></thead>
                <tbody>{list.rows.map((r) => <tr key={`${r.line}`}><td className="number">{r.line}</td><td>{r.name}</td><td style={{ overflowWrap: 'anywhere' }}>{r.source_code}</td><td>{r.message}</td></tr>)}</tbody>
              </table>
            </div>
            <LoadMore more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}
