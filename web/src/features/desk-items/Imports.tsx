import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Segmented } from 'antd'
import { desk } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { useTitle } from '@/ui/desk/useTitle'
import { minute } from '@/ui/desk/when'

const sources = [{ value: 'guangdong', label: '广东事项' }, { value: 'guangan', label: '广安事项' }, { value: 'complete', label: '本市完整事项' }] as const
type Source = (typeof sources)[number]['value']
const nameOf = (source: string) => sources.find((s) => s.value === source)?.label ?? source

/** The last imports, and the rows that fit no rule with the reason: the work list of the bureau. */
export default function Imports() {
  useTitle('事项导入')
  const [source, setSource] = useState<Source>('guangdong')
  const runs = useQuery({ queryKey: ['desk-import-runs'], queryFn: desk.importRuns })
  const list = useKeyset(['desk-imports', source], (cursor) => desk.imports({ source, cursor }))
  const reasons = runs.data?.reasons.filter((r) => r.source === source) ?? []
  return (
    <>
      <h1>事项导入</h1>
      <ListState pending={runs.isPending} error={runs.error} retry={() => void runs.refetch()} empty="还没有导入过事项。">
        {runs.data && runs.data.runs.length > 0 && (
          <table className="desk-table fold desk-gap">
            <caption>最近的导入</caption>
            <thead><tr><th scope="col">来源</th><th scope="col">完成时间</th><th scope="col" className="figure">读到</th><th scope="col" className="figure">新增</th><th scope="col" className="figure">更新</th><th scope="col" className="figure">未变</th><th scope="col" className="figure">隔离</th></tr></thead>
            <tbody>
              {runs.data.runs.map((r) => (
                <tr key={r.id}>
                  <td>{nameOf(r.source)}</td><td className="number">{minute(r.finished_at)}</td>
                  <td className="figure"><span className="fold-label">读到 </span>{r.read}</td><td className="figure"><span className="fold-label">新增 </span>{r.added}</td>
                  <td className="figure"><span className="fold-label">更新 </span>{r.changed}</td><td className="figure"><span className="fold-label">未变 </span>{r.same}</td><td className="figure"><span className="fold-label">隔离 </span>{r.quarantined}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </ListState>
      <div className="desk-head"><h2>隔离的行</h2><Segmented aria-label="来源" value={source} onChange={setSource} options={[...sources]} /></div>
      {reasons.length > 0 && <ul className="desk-reasons">{reasons.map((r) => <li key={r.reason}>{r.message}<b className="number"> {r.rows} 行</b></li>)}</ul>}
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="这个来源没有被隔离的行：读到的都收进了目录。">
        {list.rows.length > 0 && (
          <>
            <table className="desk-table fold">
              <caption className="off">{nameOf(source)}里没有收入目录的行</caption>
              <thead><tr><th scope="col">行</th><th scope="col">事项和编码</th><th scope="col">原因</th></tr></thead>
              <tbody>{list.rows.map((r) => <tr key={`${r.line} ${r.reason}`}><td className="number"><span className="fold-label">第 </span>{r.line}<span className="fold-label"> 行</span></td><td className="what"><b>{r.name || '（没有名称）'}</b><span className="desk-no">{r.source_code}</span></td><td>{r.message}</td></tr>)}</tbody>
            </table>
            <LoadMore shown={list.rows.length} more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}
