import { desk } from '@/api'
import { ListState } from '@/ui/desk/ListState'
import { LoadMore } from '@/ui/desk/LoadMore'
import { useKeyset } from '@/ui/desk/useKeyset'
import { minute } from '@/ui/desk/when'

/** Who did what, when, on whose behalf and on what ground. Nothing here can be changed or removed. */
export default function Audit() {
  const list = useKeyset(['desk-audit'], (cursor) => desk.audit(cursor))
  return (
    <>
      <h1>操作记录</h1>
      <ListState pending={list.isPending} error={list.error} retry={() => void list.refetch()} empty="还没有操作记录。">
        {list.rows.length > 0 && (
          <>
            <div className="desk-scroll">
              <table className="desk-table fold">
                <thead><tr><th scope="col">时间</th><th scope="col">谁</th><th scope="col">做了什么</th><th scope="col">对象</th><th scope="col">理由</th></tr></thead>
                <tbody>
                  {list.rows.map((r) => (
                    <tr key={r.id}><td className="number">{minute(r.at)}</td><td>{r.actor_name}</td><td>{r.action_name}</td><td className="number">{r.object_id}</td><td>{r.ground}</td></tr>
                  ))}
                </tbody>
              </table>
            </div>
            <LoadMore more={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </ListState>
    </>
  )
}
